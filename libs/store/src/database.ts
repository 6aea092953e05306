import 'reflect-metadata';
import type { ClientBase, Pool } from 'pg';
import { DataSource, type EntityManager } from 'typeorm';
import { ENTITIES } from './entities/index.js';
import { Connections, onConnection } from './connections.js';
import { translateErrors } from './errors.js';
import { EVENTS_CHANNEL, EventBell } from './events/event-bell.js';
import { hasWrittenEvents } from './events/wrote-events.js';
import { MIGRATIONS } from './migrations/index.js';
import { inTransaction } from './in-transaction.js';
import { runPrepared } from './prepared.js';

const DEFAULT_POOL_SIZE = 10;

/** A transaction, or anything else that runs SQL on one connection. */
export type Tx = Pick<EntityManager, 'query'>;

export interface DatabaseOptions {
  url: string;
  /** Connections of this process. Default 10. */
  poolSize?: number;
  /** Statements and transactions that may wait for a connection; further ones fail at once. Default 1,000. */
  maxWaiting?: number;
  /** Milliseconds to wait for one, and for a new one to be made. Default 5,000. */
  waitTimeoutMs?: number;
  /** Live operations that one project may have; more are refused by the database. Default: any number. */
  maxLivePerProject?: number;
  /** Shown in `pg_stat_activity`. */
  applicationName?: string;
  /** Milliseconds after which the server gives up a statement, and a little later we the server; 0: never. */
  statementTimeoutMs?: number;
}

const STATEMENT_MS = 30_000;
/**
 * Parts of the statement's limit. A session that idles in a transaction is of a process that stands still or has vanished:
 * it is ended first, and what it had locked is free before others give up. Who waits for a lock gives up before the
 * statement's limit, so that the two are told apart: the one wait is not the statement's fault, slowness may be.
 */
const IDLE_PART = 1 / 3;
const LOCK_PART = 1 / 2;
/** Milliseconds that an answer may take beyond the statement's own limit before the session is given up. */
const ANSWER_MS = 5_000;
/** Milliseconds of silence before the other side is asked whether it is still there. */
const KEEP_ALIVE_MS = 10_000;

/**
 * The one way to PostgreSQL. TypeORM owns the entities, the migrations and the pool; statements go to the pool's
 * connections themselves, prepared.
 */
export class Database {
  /** Runs each statement in a transaction of its own. */
  readonly autocommit: Tx;
  private readonly bell = new EventBell(() => this.query('select pg_notify($1, null)', [EVENTS_CHANNEL]));

  /** Who waits for a connection, and for how long. */
  readonly connections: Connections;

  private constructor(
    readonly dataSource: DataSource,
    maxWaiting: number,
  ) {
    const { master } = dataSource.driver as unknown as { master: Pool };
    this.connections = new Connections(master, maxWaiting);
    this.autocommit = {
      query: <T>(sql: string, parameters: unknown[] = []) =>
        translateErrors(() =>
          onConnection(this.connections, (client) => runPrepared<T>(client, sql, parameters)),
        ),
    };
  }

  /** @throws DatabaseAway when it cannot be reached now and may be later */
  static async open(options: DatabaseOptions): Promise<Database> {
    const statementMs = options.statementTimeoutMs ?? STATEMENT_MS;
    const dataSource = new DataSource({
      type: 'postgres',
      url: options.url,
      poolSize: options.poolSize ?? DEFAULT_POOL_SIZE,
      applicationName: options.applicationName ?? 'scoria',
      connectTimeoutMS: options.waitTimeoutMs ?? 5000,
      entities: ENTITIES,
      migrations: MIGRATIONS,
      migrationsTransactionMode: 'each',
      extra: {
        statement_timeout: statementMs,
        lock_timeout: statementMs * LOCK_PART,
        idle_in_transaction_session_timeout: (statementMs || STATEMENT_MS) * IDLE_PART,
        // Where packets vanish nothing says so: TCP itself would wait for a quarter of an hour.
        ...(statementMs === 0 ? {} : { query_timeout: statementMs + ANSWER_MS }),
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
        // A session may be ended at any moment, also between the pool's own listeners: unheard, it would end the process.
        onConnect: (client: ClientBase) => void client.on('error', () => {}),
        ...(options.maxLivePerProject === undefined
          ? {}
          : { options: `-c scoria.max_live_per_project=${options.maxLivePerProject}` }),
      },
      poolErrorHandler: () => {},
    });
    await translateErrors(() => dataSource.initialize());
    return new Database(dataSource, options.maxWaiting ?? 1000);
  }

  /** One statement, outside of any transaction. */
  query<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.autocommit.query(sql, parameters);
  }

  /** Runs `work` in one transaction: all of it or nothing. Deadlocks are tried again, three times. */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return translateErrors(async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          let events = false;
          const result = await inTransaction(this.connections, async (tx) => {
            const done = await work(tx);
            events = hasWrittenEvents(tx);
            return done;
          });
          if (events) this.bell.ring();
          return result;
        } catch (error) {
          if (attempt >= 3 || !isDeadlock(error)) throw error;
        }
      }
    });
  }

  async close(): Promise<void> {
    this.bell.stop();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/** Brings the schema up to date. Safe to run from several processes at once: the second waits for the first. */
export async function migrate(url: string): Promise<string[]> {
  const database = await Database.open({
    url,
    poolSize: 2,
    statementTimeoutMs: 0,
    applicationName: 'scoria-migrate',
  });
  const lock = database.dataSource.createQueryRunner();
  try {
    await lock.query('select pg_advisory_lock(725361)');
    const done = await database.dataSource.runMigrations({ transaction: 'each' });
    return done.map(({ name }) => name);
  } finally {
    await lock.query('select pg_advisory_unlock(725361)').catch(() => {});
    await lock.release();
    await database.close();
  }
}

function isDeadlock(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string };
  return code === '40P01' || code === '40001';
}
