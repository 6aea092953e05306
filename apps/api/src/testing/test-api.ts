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
}

/** A gateway on a free port, over a migrated database of its own; doorbells are collected, not answered. */
export interface TestApi extends AsyncDisposable {
  url: string;
  databaseUrl: string;
  database: Database;
  waiter: OperationWaiter;
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
      database: { ...options.config?.database, url: databaseUrl },
      api: { port: 0, authStrategy: 'noauth', drainSeconds: 0, ...options.config?.api },
    },
  });
  const { maxWaiting, waitTimeoutMs } = config.database;
  const { maxLivePerProject } = config.operations;
  const limits = { maxWaiting, waitTimeoutMs, maxLivePerProject };
  const database = await Database.open({ url: databaseUrl, poolSize: 8, ...limits });
  const listener = new NotificationListener(databaseUrl);
  const waiter = new OperationWaiter(database, listener);
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
