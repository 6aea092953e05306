import { waitFor } from '@scoria/testing';
import { BACKEND, HazardWorld, placed, type TestWorker } from '../test-support/hazard-world.js';

const NEVER_MS = 3_600_000;

/** Steps that wait until the test lets them end, in the order in which they began. */
class Gate {
  /** The project of each step that has begun. */
  readonly begun: string[] = [];
  private readonly waiting: { project: string; end: () => void }[] = [];

  readonly place = {
    ...placed(),
    run: async ({ projectId }: { projectId: string }) => {
      await new Promise<void>((end) => {
        this.begun.push(projectId);
        this.waiting.push({ project: projectId, end });
      });
      return { backend: BACKEND };
    },
  };

  /** Lets the oldest step end, or the oldest of one project. */
  end(project?: string): void {
    const index = this.waiting.findIndex((step) => project === undefined || step.project === project);
    this.waiting.splice(index, 1)[0]!.end();
  }

  endAll(): void {
    for (const { end } of this.waiting.splice(0)) end();
  }

  hasBegun(count: number): Promise<unknown> {
    return waitFor(() => this.begun.length >= count, { describe: `${count} steps to begin` });
  }
}

/** A scheduler whose doorbells are all lost, and whose sweeps do not come while the test lasts. */
async function scheduler(world: HazardWorld, gate: Gate, maxConcurrent: number): Promise<TestWorker> {
  return world.worker({
    handlers: { place: gate.place },
    maxConcurrent,
    sweepMs: NEVER_MS,
    queues: ['scheduler'],
  });
}

async function burst(world: HazardWorld, project: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index++) ids.push(await world.createVolume(project));
  return ids;
}

describe('claims', () => {
  it('let no burst of one tenant starve another in the same queue', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    await burst(world, 'many', 30);
    const { engine } = await scheduler(world, gate, 4);
    await engine.start();
    await gate.hasBegun(3);
    await world.createVolume('one');
    gate.end();
    await gate.hasBegun(4);
    expect(gate.begun.slice(0, 4)).toEqual(['many', 'many', 'many', 'one']);
    gate.endAll();
  });

  it('take turns even where there is one slot only', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    for (const project of ['b', 'a']) await burst(world, project, 6);
    const { engine } = await scheduler(world, gate, 1);
    await engine.start();
    await gate.hasBegun(1);
    await world.createVolume('c');
    for (let count = 2; count <= 7; count++) {
      gate.end();
      await gate.hasBegun(count);
    }
    expect(gate.begun.join('')).toBe('abcabab');
    gate.endAll();
  });

  it('hold the bound with two schedulers and several bursts: one operation of each project in each', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    const bursts = ['a', 'b', 'd', 'e'];
    for (const project of bursts) await burst(world, project, 20);
    for (let index = 0; index < 2; index++) {
      const { engine } = await scheduler(world, gate, 1);
      await engine.start();
    }
    await gate.hasBegun(2);
    await world.createVolume('c');
    while (!gate.begun.includes('c')) {
      const before = gate.begun.length;
      gate.end();
      await gate.hasBegun(before + 1);
    }
    // Those that ran already, and at each scheduler one of each project whose turn comes first.
    expect(gate.begun.length).toBeLessThanOrEqual(2 + 2 * bursts.length + 1);
    gate.endAll();
  });

  it('never give one project more than its share, be it rung for or searched for', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    const { engine } = await scheduler(world, gate, 8);
    await engine.start();
    for (const id of await burst(world, 'copies', 20)) engine.ring('scheduler', id);
    await gate.hasBegun(6);
    engine.ring('scheduler', await world.createVolume('other'));
    await gate.hasBegun(7);
    engine.ring('scheduler', await world.createVolume('third'));
    await gate.hasBegun(8);
    expect(gate.begun).toEqual([...Array<string>(6).fill('copies'), 'other', 'third']);
    gate.end('other');
    // Its end leaves room, but none that `copies` may take.
    engine.ring('scheduler', await world.createVolume('fourth'));
    await gate.hasBegun(9);
    expect(gate.begun.at(-1)).toBe('fourth');
    gate.endAll();
  });

  it('go on with what waited behind a share as soon as it may, without a bell and without a sweep', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    const ids = await burst(world, 'copies', 9);
    const { engine } = await scheduler(world, gate, 4);
    await engine.start();
    for (let count = 3; count <= ids.length; count++) {
      await gate.hasBegun(count);
      gate.end();
    }
    gate.endAll();
  });

  it('find what a dead worker held beside a backlog', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    const [dead] = await burst(world, 'a', 20);
    await world.database.query('update operations set owner = gen_random_uuid() where id = $1', [dead]);
    await burst(world, 'b', 20);
    const { engine } = await scheduler(world, gate, 1);
    await engine.start();
    await gate.hasBegun(1);
    const rows = await world.database.query('select id from operations where owner is not null');
    expect(rows).toEqual([{ id: dead }]);
    gate.endAll();
  });

  it('pass over projects that have nothing to do yet, or only what is not known here', async () => {
    await using world = await HazardWorld.open();
    const gate = new Gate();
    const [later] = await burst(world, 'a', 1);
    const [newer] = await burst(world, 'b', 1);
    await world.database.query(`update operations set due_at = now() + interval '1 hour' where id = $1`, [
      later,
    ]);
    await world.database.query('update operations set version = 99 where id = $1', [newer]);
    await burst(world, 'c', 1);
    const { engine } = await scheduler(world, gate, 1);
    await engine.start();
    await gate.hasBegun(1);
    expect(gate.begun).toEqual(['c']);
    gate.endAll();
  });
});
