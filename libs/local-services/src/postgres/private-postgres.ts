import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { claimDirectory } from '../process/directory-claim.js';
import { freePort } from '../process/free-port.js';
import { keptSecret } from '../process/kept-text.js';
import { endLeftover } from '../process/leftover.js';
import { ServerProcess } from '../process/server-process.js';
import { type PostgresBinaries, postgresBinaries } from './binaries.js';
import { ROLE, databaseCluster } from './cluster.js';
import { PASSWORD_FILE, PROCESS_FILE } from './files.js';
import { type SystemUser, postgresUser } from './postgres-user.js';
import { type PostgresSettings, serverArguments } from './settings.js';

const READY_LIMIT_MS = 300_000;
const POLL_MS = 25;
const FAST_SHUTDOWN_MS = 60_000;
const START_ATTEMPTS = 100;
const RETRY_MS = 100;
const WRONG_PASSWORD_MS = 5_000;
const INVALID_PASSWORD = '28P01';

export interface PrivatePostgresOptions {
  /** Directory for data, password and log; made when missing. One server at a time. */
  dataDir: string;
  /** TCP port on 127.0.0.1; a free one when left out. */
  port?: number;
  /** Told what takes time, one line each. */
  log?: (line: string) => void;
  settings?: PostgresSettings;
  /** Of the server, beside what it needs. */
  env?: Record<string, string>;
}

interface Launch {
  directory: string;
  binaries: PostgresBinaries;
  user: SystemUser | undefined;
  password: string;
  options: PrivatePostgresOptions;
}

/**
 * A PostgreSQL of this process's own, listening on 127.0.0.1 and nowhere else. Its data stays in `dataDir` and is found
 * again by the next start. It ends with this process, even when that is killed (Linux).
 */
export class PrivatePostgres {
  private constructor(
    private readonly server: ServerProcess,
    private readonly giveUpClaim: () => void,
    private readonly password: string,
    /** TCP port on 127.0.0.1. */
    readonly port: number,
  ) {
    void server.exited.then(giveUpClaim);
  }

  /**
   * Makes the database on the first start, and returns when connections are accepted.
   * @throws Error when the directory is in use, of another major version, or when the server does not come up; the
   * message then ends with the tail of its log.
   */
  static async start(options: PrivatePostgresOptions): Promise<PrivatePostgres> {
    const log = options.log ?? (() => undefined);
    const dataDir = resolve(options.dataDir);
    mkdirSync(dataDir, { recursive: true });
    const giveUpClaim = claimDirectory(dataDir);
    try {
      const user = postgresUser(log);
      const binaries = postgresBinaries(user, log);
      const password = keptSecret(join(dataDir, PASSWORD_FILE));
      const durable = options.settings?.durable !== false;
      const directory = await databaseCluster({ dataDir, binaries, user, password, durable, log });
      await endLeftover(join(dataDir, PROCESS_FILE), 'SIGINT', FAST_SHUTDOWN_MS, log);
      const launch = { directory, binaries, user, password, options: { ...options, dataDir } };
      const { server, port } = await launchUntilReady(launch);
      return new PrivatePostgres(server, giveUpClaim, password, port);
    } catch (error) {
      giveUpClaim();
      throw error;
    }
  }

  get pid(): number {
    return this.server.pid;
  }

  /** Resolves, never rejects, with a sentence when the server has ended, asked to or not. */
  get exited(): Promise<string> {
    return this.server.exited;
  }

  /** Connection URL of the database `postgres`, which holds nothing, as the role that owns the server. */
  get url(): string {
    return this.urlOf('postgres');
  }

  /** Connection URL of another database of this server. */
  urlOf(database: string): string {
    return `postgres://${ROLE}:${this.password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Ends all sessions and shuts down cleanly ("fast" shutdown). */
  async stop(): Promise<void> {
    await this.server.stop(['SIGINT', FAST_SHUTDOWN_MS], ['SIGQUIT', POLL_MS * 100]);
    this.giveUpClaim();
  }

  /** SIGKILL: what a crash does. The next start recovers what was committed. */
  async kill(): Promise<void> {
    await this.server.kill();
    this.giveUpClaim();
  }
}

async function launchUntilReady(launch: Launch): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = launch.options.port ?? (await freePort());
    const server = await spawnServer(launch, port);
    if (await isReady(server, port, launch.password)) return { server, port };
    const tail = server.logTail();
    if (attempt >= START_ATTEMPTS || !passes(tail)) {
      throw new Error(`${server.ended ?? 'PostgreSQL does not accept connections'}\n${tail}`);
    }
    await delay(RETRY_MS);
  }
}

/**
 * Refusals that pass by themselves: sessions of a server that was just killed still hold its shared memory for a
 * moment, and another process may have been quicker to take the port.
 */
function passes(logTail: string): boolean {
  return /pre-existing shared memory block|could not bind IPv4 address/.test(logTail);
}

function spawnServer({ binaries, directory, user, options }: Launch, port: number): Promise<ServerProcess> {
  return ServerProcess.spawn({
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: serverArguments(directory, port, options.settings ?? {}),
    env: { LC_ALL: 'C', PATH: process.env['PATH'], ...options.env },
    cwd: directory,
    logFile: join(options.dataDir, 'postgres.log'),
    processFile: join(options.dataDir, PROCESS_FILE),
    signalOnParentDeath: 'INT',
    user: user && { uid: user.uid, gid: user.gid },
  });
}

/** Waits for a real session; false when the server ended first. Recovery after a crash may take its time. */
async function isReady(server: ServerProcess, port: number, password: string): Promise<boolean> {
  let deadline = performance.now() + READY_LIMIT_MS;
  while (server.ended === undefined) {
    const client = new pg.Client({ host: '127.0.0.1', port, user: ROLE, password, database: 'postgres' });
    client.on('error', () => undefined);
    try {
      await client.connect();
      // Another server may have the port: only ours has this password.
      return server.ended === undefined;
    } catch (error) {
      // Either another server has the port, and ours is about to end; or the data is not this directory's.
      const wrongPassword = (error as { code?: string }).code === INVALID_PASSWORD;
      if (wrongPassword) deadline = Math.min(deadline, performance.now() + WRONG_PASSWORD_MS);
      if (performance.now() > deadline) {
        await server.stop(['SIGINT', FAST_SHUTDOWN_MS]);
        const reason = wrongPassword
          ? 'does not know the password kept beside its data'
          : 'accepts no connection';
        throw new Error(`PostgreSQL ${reason}`, { cause: error });
      }
      await delay(POLL_MS);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  return false;
}
