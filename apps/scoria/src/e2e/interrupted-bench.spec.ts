import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { PORTS } from '../cluster/layout.js';
import { readState } from '../cluster/state.js';
import { processesOf } from './support/leftovers.js';

const BENCH = fileURLToPath(new URL('../../../../bench/dist/main.js', import.meta.url));
/** A cluster has to start, and to end. */
const LIMIT_MS = 300_000;
const BEGUN_MS = 120_000;

afterAll(removeTempDirs);

test(
  'a benchmark that is interrupted leaves no cluster running, and no data anywhere',
  async () => {
    const directory = tempDir('bench');
    const args = [BENCH, 'reads', '--base-port', String(await freePort(PORTS))];
    const bench = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, TMPDIR: directory },
    });
    const ended = once(bench, 'exit');
    try {
      const [name] = await waitFor(() => readdir(directory), {
        timeoutMs: BEGUN_MS,
        until: (names) => names.length > 0,
      });
      const data = join(directory, name!);
      await waitFor(async () => (await readState(data))?.processes['postgres']?.url || undefined, {
        timeoutMs: BEGUN_MS,
        describe: 'the database of the benchmark',
      });
      expect((await lstat(join(data, 'postgres', 'cluster'))).isDirectory()).toBe(true);
    } finally {
      bench.kill('SIGINT');
      await ended;
    }
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(await readdir(directory)).toEqual([]);
    expect(await processesOf(directory)).toEqual([]);
  },
  LIMIT_MS,
);
