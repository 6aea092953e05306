import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BackendConfig, type ScoriaConfig } from '@scoria/config';
import type { Driver } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import type { Database } from '@scoria/store';
import { removeTempDirs, tempDir } from '@scoria/testing';
import type { OperationWorker } from '@scoria/worker';
import { BackendStarter } from './backend-starter.js';
import { Backend } from './backend.js';
import { Publishers } from './publishers.js';
import type { StatsPublisher } from './stats-publisher.js';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** What bringing a backend up does to the world, in its order. */
const ACTS = ['setup', 'exports', 'take over', 'publish', 'report', 'serve'] as const;
type Act = (typeof ACTS)[number] | 'close';

afterAll(removeTempDirs);

/** A starter over stand-ins that note what it does; `at` may hold it up there. */
function starterOver(at: (act: Act) => Promise<void>, name = 'one') {
  const acts: string[] = [];
  const act = async (what: Act): Promise<void> => {
    acts.push(what);
    await at(what);
  };
  const driver = {
    name: 'stand-in',
    hasInventory: false,
    setup: () => act('setup'),
    close: () => act('close'),
  } as unknown as Driver;
  const publisher = {
    start: () => act('publish'),
    stop: async () => void acts.push('stop publishing'),
  } as unknown as StatsPublisher;
  const database = {
    query: async (sql: string) => {
      await act(sql.includes('update operations') ? 'take over' : 'report');
      return [[], 0];
    },
  } as unknown as Database;
  const publishers = new Publishers();
  const starter = new BackendStarter(
    new Backend('host', Object.assign(new BackendConfig(), { name }), driver, {} as ExportProtocol),
    {
      config: { volume: { stateDir: tempDir(), availabilityZone: 'nova' } } as ScoriaConfig,
      database,
      worker: { worker: { id: 'worker' }, serve: () => void act('serve') } as unknown as OperationWorker,
      publishers,
      logger: QUIET,
      makePublisher: () => publisher,
    },
    () => act('exports'),
  );
  return { starter, acts, publishers };
}

test.each(ACTS.filter((act) => act !== 'serve'))(
  'a service that stops while a backend is at %s leaves what follows to its successor',
  async (where) => {
    const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { starter, acts, publishers } = starterOver(async (act) => {
      if (act !== where) return;
      reached.resolve();
      await goOn.promise;
    });
    const started = starter.start();
    await reached.promise;
    let halted = false;
    const halting = starter.halt().then(() => (halted = true));
    await Promise.race([halting, new Promise(setImmediate)]);
    expect(halted).toBe(false);
    goOn.resolve();
    await Promise.all([halting, started]);
    expect(acts.filter((act) => act !== 'close')).toEqual(ACTS.slice(0, ACTS.indexOf(where) + 1));
    expect(starter.up).toBe(false);
    // Nothing is left that would keep the process: what was begun can be ended.
    await publishers.stop();
    expect(acts.includes('stop publishing')).toBe(acts.includes('publish'));
    await starter.release();
  },
);

test('a setup that waits for another process ends when the service stops', async () => {
  const [waiting, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { starter, acts } = starterOver(async (act) => {
    if (act === 'close') closed.resolve();
    if (act !== 'setup') return;
    waiting.resolve();
    await closed.promise;
    throw new Error('the driver was closed');
  });
  const started = starter.start();
  await waiting.promise;
  await Promise.all([starter.halt(), started]);
  expect(acts).toEqual(['setup', 'close']);
});

test('a conversion that outlived its killed service writes no more when its operation is taken over', async () => {
  const name = `survivors-${process.pid}`;
  const survivor = await conversionOfKilledService(name);
  expect(await isRunning(survivor)).toBe(true);
  const atTakeover: boolean[] = [];
  const { starter, publishers } = starterOver(async (act) => {
    if (act === 'take over') atTakeover.push(await isRunning(survivor));
  }, name);
  await starter.start();
  expect(atTakeover).toEqual([false]);
  await publishers.stop();
  await starter.release();
});

const CONVERTING_SERVICE = fileURLToPath(new URL('./converting-service.spec-helper.js', import.meta.url));

/** The pid of what is left of it. */
async function conversionOfKilledService(backend: string): Promise<string> {
  const service = spawn(process.execPath, [CONVERTING_SERVICE, backend], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = (await once(createInterface(service.stdout), 'line')) as [string];
  const gone = once(service, 'exit');
  service.kill('SIGKILL');
  await gone;
  return pid;
}

/** A zombie has no command line. */
const isRunning = async (pid: string): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')) !== '';
