import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { heldServer } from '../fixtures/held-server.js';
import { LOOPBACK, listeningAddresses } from '../fixtures/listening.js';
import { scratchDirectory } from '../fixtures/scratch.js';
import { waitUntilGone } from '../process/process-table.js';
import { PrivatePostgres } from './private-postgres.js';
import { runningPostgres } from './running-postgres.js';

const linux = process.platform === 'linux';
const GONE_MS = 30_000;

const scratch = scratchDirectory();
const running = new Set<PrivatePostgres>();

async function start(name: string, durable = false): Promise<PrivatePostgres> {
  const server = await PrivatePostgres.start({ dataDir: join(scratch, name), settings: { durable } });
  running.add(server);
  return server;
}

afterEach(async () => {
  await Promise.all([...running].map((server) => server.stop()));
  running.clear();
});

describe('a private PostgreSQL', () => {
  it('finds its data at the second start', async () => {
    const first = await start('kept');
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const second = await start('kept');
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('is found by a tool beside it while it runs, and not afterwards', async () => {
    const server = await start('beside');
    expect(runningPostgres(join(scratch, 'beside'))).toBe(server.url);
    await server.stop();
    expect(runningPostgres(join(scratch, 'beside'))).toBeUndefined();
    expect(runningPostgres(join(scratch, 'nowhere'))).toBeUndefined();
  });

  it('keeps what was committed when it is killed under open sessions', async () => {
    const first = await start('killed', true);
    await query(first.url, 'CREATE TABLE kept (answer int)');
    const session = await connected(first.url);
    await session.query('INSERT INTO kept VALUES (42)');
    await session.query('BEGIN');
    await session.query('INSERT INTO kept VALUES (43)');
    await first.kill();
    const second = await start('killed', true);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('does not collide with another one', async () => {
    const [first, second] = await Promise.all([start('one'), start('two')]);
    expect(first.port).not.toBe(second.port);
    await query(first.url, 'CREATE TABLE mine ()');
    await expect(query(second.url, 'SELECT FROM mine')).rejects.toMatchObject({ code: '42P01' });
  });

  it('is not started twice on one directory', async () => {
    await start('claimed');
    await expect(start('claimed')).rejects.toThrow(`is in use by process ${process.pid}`);
  });

  (linux ? it : it.skip)('does not outlive a parent that is killed', async () => {
    const dataDir = join(scratch, 'orphan');
    const held = await heldServer('postgres', dataDir);
    await query(held.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await held.killParent();
    expect(await waitUntilGone(held.pid, GONE_MS)).toBe(true);
    const next = await start('orphan');
    expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('lets nobody in without its password, which only the owner can read', async () => {
    const server = await start('guarded');
    const url = new URL(server.url);
    url.password = 'guessed';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(scratch, 'guarded/postgres-password')).mode & 0o777).toBe(0o600);
  });

  (linux ? it : it.skip)('listens on loopback alone', async () => {
    const server = await start('guarded');
    const addresses = listeningAddresses(server.pid);
    expect(addresses).not.toHaveLength(0);
    for (const address of addresses) expect(LOOPBACK).toContain(address);
  });

  it('is not confused by a first start that was interrupted', async () => {
    mkdirSync(join(scratch, 'interrupted/cluster.new'), { recursive: true });
    writeFileSync(join(scratch, 'interrupted/cluster.new/PG_VERSION'), '18\n');
    const server = await start('interrupted');
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says so when its data is of another major version', async () => {
    mkdirSync(join(scratch, 'ancient/cluster'), { recursive: true });
    writeFileSync(join(scratch, 'ancient/cluster/PG_VERSION'), '9\n');
    await expect(start('ancient')).rejects.toThrow('was made by PostgreSQL 9');
    // The failure gave the directory back.
    await expect(start('ancient')).rejects.toThrow('was made by PostgreSQL 9');
  });
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = await connected(url);
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}
