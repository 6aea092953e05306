import { createApi } from '@scoria/api';
import { createScheduler } from '@scoria/scheduler';
import { createVolumeService } from '@scoria/volume';
import { EventFeed, OperationWaiter } from '@scoria/store';
import { ringOver } from '@scoria/worker';
import { createAuthenticator } from '../compose/authenticator.js';
import { createImages } from '../compose/images.js';
import type { Platform } from '../compose/platform.js';
import { DRAIN_MS } from './until-signal.js';

/** A started service, and how it is stopped. */
export interface Running {
  /** The gateway's base URL; other services have none. */
  url?: string;
  ready(): Promise<{ ok: boolean; reasons: string[] }>;
  stop(): Promise<void>;
}

export async function startApi({ config, database, listener, bus, logger }: Platform): Promise<Running> {
  const waiter = new OperationWaiter(database, listener);
  const api = await createApi({
    config,
    database,
    waiter,
    events: new EventFeed(database, listener),
    bus,
    authenticator: createAuthenticator(config),
    images: createImages(config),
    ring: ringOver(bus, logger),
    logger,
  });
  const url = await api.listen();
  return {
    url,
    ready: async () => ({ ok: true, reasons: [] }),
    async stop() {
      await api.close();
      waiter.close();
    },
  };
}

export async function startScheduler({
  config,
  database,
  listener,
  bus,
  logger,
}: Platform): Promise<Running> {
  const scheduler = createScheduler({ config, database, listener, bus, logger, host: config.scheduler.host });
  await scheduler.start();
  return {
    ready: async () =>
      bus.connected ? { ok: true, reasons: [] } : { ok: false, reasons: ['the broker is not reachable'] },
    stop: () => scheduler.stop(DRAIN_MS),
  };
}

/** Resolves when the first report of every backend is in the database. */
export async function startVolume({ config, database, bus, logger }: Platform): Promise<Running> {
  const volume = await createVolumeService({ config, database, bus, images: createImages(config), logger });
  await volume.start();
  return { ready: async () => volume.ready(), stop: () => volume.stop(DRAIN_MS) };
}
