import { InProcessBus } from '@scoria/bus';
import { loadConfig, type DeepPartial, type ScoriaConfig } from '@scoria/config';
import { NoauthAuthenticator, type Authenticator } from '@scoria/identity';
import type { ImageService } from '@scoria/images';
import { Database, OperationWaiter, migrate, type DueOperation } from '@scoria/store';
import { createLogger } from '@scoria/telemetry';
import { testDatabase, type TestDatabase } from '@scoria/testing';
import { createApi } from '../create-api.js';
import { Client } from './client.js';

export interface TestApiOptions {
  authenticator?: Authenticator;
  images?: ImageService;
  config?: DeepPartial<ScoriaConfig>;
  ring?: (due: DueOperation) => Promise<void>;
}

/** A gateway on a free port, over a migrated database of its own; doorbells are collected, not answered. */
export interface TestApi extends AsyncDisposable {
  url: string;
  database: Database;
  waiter: OperationWaiter;
  /** Where storage hosts would listen. */
  bus: InProcessBus;
  /** Rung so far. */
  rung: DueOperation[];
  /** A client with this token (`user:project`). */
  as(token: string): Client;
  close(): Promise<void>;
}

export async function startTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const source: TestDatabase = await testDatabase({
    name: 'api',
    migrate: async (url) => void (await migrate(url)),
  });
  const config = loadConfig({
    env: {},
    services: ['api'],
    overrides: {
      ...options.config,
      database: { ...options.config?.database, url: source.url },
      api: { port: 0, authStrategy: 'noauth', ...options.config?.api },
    },
  });
  const { maxWaiting, waitTimeoutMs } = config.database;
  const { maxLivePerProject } = config.operations;
  const limits = { maxWaiting, waitTimeoutMs, maxLivePerProject };
  const database = await Database.open({ url: source.url, poolSize: 8, ...limits });
  const waiter = new OperationWaiter(database, source.url);
  const bus = new InProcessBus();
  const rung: DueOperation[] = [];
  const api = await createApi({
    config,
    database,
    waiter,
    bus,
    authenticator: options.authenticator ?? new NoauthAuthenticator(),
    ...(options.images ? { images: options.images } : {}),
    ring: options.ring ?? (async (due) => void rung.push(due)),
    logger: createLogger({ service: 'scoria-api-test', level: process.env.LOG_LEVEL ?? 'silent' }),
  });
  const url = await api.listen();
  const close = async (): Promise<void> => {
    await api.close();
    await bus.close();
    await waiter.close();
    await database.close();
    await source.drop();
  };
  return {
    url,
    database,
    waiter,
    bus,
    rung,
    as: (token) => new Client(url, token),
    close,
    [Symbol.asyncDispose]: close,
  };
}
