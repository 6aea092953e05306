import type { Bus } from '@scoria/contracts';
import type { ScoriaConfig } from '@scoria/config';
import type { Authenticator } from '@scoria/identity';
import type { ImageService } from '@scoria/images';
import type { Database, DueOperation, EventFeed, OperationWaiter } from '@scoria/store';
import type { Logger } from '@scoria/telemetry';

/** What the gateway is given; the same for the service and for the single-process run. */
export interface ApiDeps {
  config: ScoriaConfig;
  database: Database;
  waiter: OperationWaiter;
  events: EventFeed;
  bus: Bus;
  authenticator: Authenticator;
  images?: ImageService;
  /** Tells whoever runs the next step. Its failure costs latency only: sweeps find the row. */
  ring: (due: DueOperation) => Promise<void>;
  logger: Logger;
}

/** Injection token of `ApiDeps`. */
export const API_DEPS = Symbol('scoria.api.deps');
