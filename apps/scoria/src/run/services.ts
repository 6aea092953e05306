import { createApi } from '@scoria/api';
import { createScheduler } from '@scoria/scheduler';
import { createVolumeService } from '@scoria/volume';
import { EventFeed, OperationWaiter } from '@scoria/store';
import { ringOver } from '@scoria/worker';
import { createAuthenticator } from '../compose/authenticator.js';
import { createImages } from '../compose/images.js';
import type { Platform } from '../compose/platform.js';
import { DRAIN_MS, type Stoppable } from './until-signal.js';

/** A service that can be started once, and stopped. */
export interface Service extends Stoppable {
  /** The gateway's base URL, once started; other services have none. */
  readonly url?: string | undefined;
  ready(): Promise<{ ok: boolean; reasons: string[] }>;
}

export async function apiService({ config, database, listener, bus, logger }: Platform): Promise<Service> {
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
  let url: string | undefined;
  return {
    get url() {
      return url;
    },
    async start() {
      url = await api.listen();
    },
    ready: async () => ({ ok: true, reasons: [] }),
    async stop() {
      await api.close(DRAIN_MS);
      waiter.close();
    },
  };
}

export async function schedulerService({
  config,
  database,
  listener,
  bus,
  logger,
}: Platform): Promise<Service> {
  const scheduler = createScheduler({ config, database, listener, bus, logger, host: config.scheduler.host });
  return {
    start: () => scheduler.start(),
    ready: async () =>
      bus.connected ? { ok: true, reasons: [] } : { ok: false, reasons: ['the broker is not reachable'] },
    stop: () => scheduler.stop(DRAIN_MS),
  };
}

/** Has started when the first report of every backend is in the database. */
export async function volumeService({ config, database, bus, logger }: Platform): Promise<Service> {
  const volume = await createVolumeService({ config, database, bus, images: createImages(config), logger });
  return {
    start: () => volume.start(),
    ready: async () => volume.ready(),
    stop: () => volume.stop(DRAIN_MS),
  };
}
