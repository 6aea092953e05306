import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '@scoria/local-services';
import { freePort, removeTempDirs, tempDir } from '@scoria/testing';
import pg from 'pg';
import { PORTS, memberOf } from './layout.js';
import { killProcess, startMember, stopProcess } from './processes.js';
import { stillRuns, type ClusterState } from './state.js';

/** A server has to start, and to end. */
const LIMIT_MS = 300_000;

afterAll(removeTempDirs);

test('a stranger that has the id of a member, as after a restart of the machine, is neither taken for it nor ended', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
  await once(stranger, 'spawn');
  try {
    const pid = stranger.pid!;
    const member = { name: 'api1', pid, identity: 'of an earlier start', log: '', url: '' };
    expect(stillRuns(member)).toBe(false);
    await stopProcess(member);
    await killProcess(member);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    const itself = { ...member, identity: processIdentity(pid) };
    expect(stillRuns(itself)).toBe(true);
    await stopProcess(itself);
    expect(stillRuns(itself)).toBe(false);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test(
  'PostgreSQL is stopped under an open session, without waiting for it to leave',
  async () => {
    const state: ClusterState = {
      dataDir: tempDir('servers'),
      basePort: await freePort(PORTS),
      databaseUrl: '',
      amqpUrl: '',
      apiUrls: [],
      processes: {},
    };
    const server = await startMember(state, memberOf('postgres'));
    const session = new pg.Client({ connectionString: server.url });
    session.on('error', () => undefined);
    try {
      await session.connect();
    } finally {
      await stopProcess(server);
    }
    expect(stillRuns(server)).toBe(false);
    const log = await readFile(join(state.dataDir, 'postgres', 'postgres.log'), 'utf8');
    expect(log).toContain('received fast shutdown request');
    expect(log).toContain('database system is shut down');
    await session.end();
  },
  LIMIT_MS,
);
