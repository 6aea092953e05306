import type { Checkpoint } from '@scoria/domain';
import type { DriverSnapshot, DriverVolume } from '../../driver-objects.js';
import type { StepOptions } from '../../driver.js';
import { Notebook } from '../notebook.js';
import type { Rig } from '../rig.js';

const TIMEOUT_MS = 5 * 60 * 1000;
/** More interruptions than that have nothing to tell. */
const MOST_CUTS = 50;

interface World {
  source: DriverVolume;
  snapshot: DriverSnapshot;
  copy: DriverVolume;
  later: DriverSnapshot;
}

/** Long calls that are cut short and gone on with. A driver that saves no checkpoints passes, and learns nothing. */
export function checkpointsSuite(rig: () => Rig): void {
  const prepare = async (): Promise<World> => {
    const source = await rig().stamped();
    const snapshot = rig().newSnapshot(source);
    await rig().driver.createSnapshot(snapshot, rig().options());
    return { source, snapshot, copy: rig().newVolume(2), later: rig().newSnapshot(source) };
  };
  const calls: Record<string, (world: World, options: StepOptions) => Promise<void>> = {
    cloneVolume: ({ copy, source }, options) => rig().driver.cloneVolume(copy, source, options),
    createVolumeFromSnapshot: ({ copy, snapshot }, options) =>
      rig().driver.createVolumeFromSnapshot(copy, snapshot, options),
    createSnapshot: ({ later }, options) => rig().driver.createSnapshot(later, options),
  };
  const check = async (name: string, { source, copy, later }: World): Promise<void> => {
    if (name === 'createSnapshot') await rig().checkSnapshotHolds(later, source);
    else await rig().checkHolds(copy, source);
  };

  /** Calls once, and cuts the call short after its first checkpoint. */
  const cut = async (
    call: (options: StepOptions) => Promise<void>,
    last: Checkpoint | undefined,
  ): Promise<{ over: boolean; last: Checkpoint | undefined }> => {
    const abort = new AbortController();
    const notebook = new Notebook(() => abort.abort(new Error('the service is stopped')));
    notebook.last = last;
    try {
      await call({ signal: abort.signal, checkpoints: notebook });
      return { over: true, last: notebook.last };
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      return { over: false, last: notebook.last };
    }
  };

  describe.each(Object.entries(calls))('%s', (name, call) => {
    it(
      'that is cut short at each checkpoint is gone on with by a new process, to the same bytes',
      async () => {
        const world = await prepare();
        let last: Checkpoint | undefined;
        for (let cuts = 0, over = false; !over; cuts++) {
          expect(cuts).toBeLessThan(MOST_CUTS);
          ({ over, last } = await cut((options) => call(world, options), last));
          await rig().reopen();
        }
        await check(name, world);
      },
      TIMEOUT_MS,
    );

    it.each(['gone', 'of another', 'nonsense'])(
      'believes no checkpoint that is %s',
      async (what) => {
        const world = await prepare();
        const others = { ...world, copy: rig().newVolume(2), later: rig().newSnapshot(world.source) };
        const theirs = what === 'of another' ? others : world;
        const { last } = await cut((options) => call(theirs, options), undefined);
        if (what === 'gone') {
          await rig().driver.deleteVolume(world.copy, rig().options());
          await rig().driver.deleteSnapshot(world.later, rig().options());
        }
        const nonsense = Object.fromEntries(Object.keys(last ?? {}).map((key) => [key, '../../etc']));
        const notebook = new Notebook();
        notebook.last = what === 'nonsense' ? nonsense : last;
        await call(world, { ...rig().options(), checkpoints: notebook });
        await check(name, world);
      },
      TIMEOUT_MS,
    );
  });
}
