import { InProcessBus, RabbitBus, type BusListener } from '@scoria/bus';
import type { ScoriaConfig } from '@scoria/config';
import type { Bus } from '@scoria/contracts';
import { Database, NotificationListener, waitForDatabase } from '@scoria/store';
import { createLogger, registerObservable, type Logger } from '@scoria/telemetry';

/** What every service stands on. */
export interface Platform {
  config: ScoriaConfig;
  database: Database;
  listener: NotificationListener;
  bus: Bus & BusListener;
  logger: Logger;
  close(): Promise<void>;
}

/** Connects one process to the database and the broker; without a broker's URL, to the in-process bus. */
export async function openPlatform(config: ScoriaConfig, service: string): Promise<Platform> {
  const { amqp, database: db, log } = config;
  const logger = createLogger({ service, level: log.level, pretty: log.pretty });
  const { url, poolSize, maxWaiting, waitTimeoutMs } = db;
  const { maxLivePerProject } = config.operations;
  const options = { url, poolSize, maxWaiting, waitTimeoutMs, maxLivePerProject, applicationName: service };
  const database = await waitForDatabase(() => Database.open(options), logger);
  const listener = new NotificationListener(url);
  const { connections } = database;
  const endMetrics = [
    registerObservable('scoria_database_waiting', () => [{ value: connections.waiting, labels: {} }]),
    registerObservable('scoria_database_connections_in_use', () => [
      { value: connections.inUse, labels: {} },
    ]),
  ];
  const limits = {
    prefetch: amqp.prefetch,
    deliveryLimit: amqp.deliveryLimit,
    maxQueueLength: amqp.maxQueueLength,
  };
  const bus = amqp.url
    ? new RabbitBus({ url: amqp.url, name: service, ...limits })
    : new InProcessBus(limits);
  return {
    config,
    database,
    listener,
    bus,
    logger,
    async close() {
      for (const end of endMetrics) end();
      await bus.close();
      await listener.close();
      await database.close();
    },
  };
}
