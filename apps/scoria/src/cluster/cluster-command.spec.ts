import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort, removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { processesOf } from '../e2e/support/leftovers.js';
import { runCluster } from './cluster-command.js';
import { PORTS } from './layout.js';
import { readState } from './state.js';

const SCORIA = fileURLToPath(new URL('../../bin/scoria.mjs', import.meta.url));
const BEGUN_MS = 100_000;
/** Servers have to start, and to end. */
const LIMIT_MS = 300_000;

afterAll(removeTempDirs);

test(
  'an interrupted start leaves no server that a stop does not find',
  async () => {
    const data = tempDir('interrupted');
    const basePort = await freePort(PORTS);
    const args = [SCORIA, 'cluster', 'up', '--data', data, '--base-port', String(basePort)];
    const up = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(up, 'exit');
    try {
      await waitFor(async () => (await readState(data))?.processes['postgres'], {
        timeoutMs: BEGUN_MS,
        describe: 'the first process',
      });
    } finally {
      up.kill('SIGINT');
      await ended;
    }
    expect(await processesOf(data)).not.toEqual([]);
    await runCluster('down', undefined, { data, basePort });
    expect(await processesOf(data)).toEqual([]);
  },
  LIMIT_MS,
);
