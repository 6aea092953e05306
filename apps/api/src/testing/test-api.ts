import { InProcessBus } from '@scoria/bus';
import { loadConfig, type DeepPartial, type ScoriaConfig } from '@scoria/config';
import { NoauthAuthenticator, type Authenticator } from '@scoria/identity';
import type { ImageService } from '@scoria/images';
import {
  Database,
  EventFeed,
  NotificationListener,
  OperationWaiter,
  migrate,
  type DueOperation,
} from '@scoria/store';
import { createLogger } from '@scoria/telemetry';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import { createApi } from '../create-api.js';
import { Client } from './client.js';

export interface TestApiOptions {
  authenticator?: Authenticator;
  images?: ImageService;
  config?: DeepPartial<ScoriaConfig>;
  ring?: (due: DueOperation) => Promise<void>;
  /** Another gateway over the database of this one. */
  beside?: TestApi;
  /** Milliseconds that it waits for an operation at most, of those that it would. */
  patienceMs?: number;
}

/** Connections of a gateway. */
export const POOL_SIZE = 8;

/** One process has both gateway and clients, on a machine that is busy: whatever strains it, nothing is refused for it. */
const UNSTRAINED = { maxEventLoopDelayMs: 60_000, maxDatabaseWaitMs: 60_000 };
const CONNECTION_WAIT_MS = 60_000;

/** Gives up early what it waits for. What it was asked to wait is kept. */
export class ImpatientWaiter extends OperationWaiter {
  readonly asked: number[] = [];

  constructor(
    private readonly patienceMs: number,
    ...given: ConstructorParameters<typeof OperationWaiter>
  ) {
    super(...given);
  }

  override wait(operationId: string, timeoutMs: number, signal?: AbortSignal) {
    this.asked.push(timeoutMs);
    return super.wait(operationId, Math.min(timeoutMs, this.patienceMs), signal);
  }
}

/** A gateway on a free port, over a migrated database of its own; doorbells are collected, not answered. */
export interface TestApi extends AsyncDisposable {
  url: string;
  databaseUrl: string;
  database: Database;
  waiter: ImpatientWaiter;
  /** Where storage hosts would listen. */
  bus: InProcessBus;
  /** Rung so far. */
  rung: DueOperation[];
  /** A client with this token (`user:project`). */
  as(token: string): Client;
  /** Stops the gateway alone, as SIGTERM does. */
  stop(graceMs: number): Promise<void>;
  close(): Promise<void>;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const { beside } = options;
  const own: TestDatabase | undefined = beside
    ? undefined
    : await testDatabase({ name: 'api', migrate: async (url) => void (await migrate(url)) });
  const databaseUrl = beside?.databaseUrl ?? own!.url;
  const config = loadConfig({
    env: {},
    services: ['api'],
    overrides: {
      ...options.config,
      database: { waitTimeoutMs: CONNECTION_WAIT_MS, ...options.config?.database, url: databaseUrl },
      api: { port: 0, authStrategy: 'noauth', drainSeconds: 0, ...UNSTRAINED, ...options.config?.api },
    },
  });
  const { maxWaiting, waitTimeoutMs } = config.database;
  const { maxLivePerProject } = config.operations;
  const limits = { maxWaiting, waitTimeoutMs, maxLivePerProject };
  const database = await Database.open({ url: databaseUrl, poolSize: POOL_SIZE, ...limits });
  const listener = new NotificationListener(databaseUrl);
  const waiter = new ImpatientWaiter(options.patienceMs ?? Infinity, database, listener);
  const bus = new InProcessBus();
  const rung: DueOperation[] = [];
  const api = await createApi({
    config,
    database,
    waiter,
    events: new EventFeed(database, listener),
    bus,
    authenticator: options.authenticator ?? new NoauthAuthenticator(),
    ...(options.images ? { images: options.images } : {}),
    ring: options.ring ?? (async (due) => void rung.push(due)),
    logger: createLogger({ service: 'scoria-api-test', level: process.env.LOG_LEVEL ?? 'silent' }),
  });
  const url = await api.listen();
  let stopping: Promise<void> | undefined;
  const stop = (graceMs: number): Promise<void> => (stopping ??= api.close(graceMs));
  const close = async (): Promise<void> => {
    await stop(0);
    await bus.close();
    await listener.close();
    await database.close();
    await own?.drop();
  };
  return {
    url,
    databaseUrl,
    database,
    waiter,
    bus,
    rung,
    as: (token) => new Client(url, token),
    stop,
    close,
    [Symbol.asyncDispose]: close,
  };
}
