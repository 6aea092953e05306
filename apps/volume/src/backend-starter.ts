import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandRunner } from '@scoria/commands';
import { ConfigError, type ScoriaConfig } from '@scoria/config';
import { describeError } from '@scoria/domain';
import { holdBackend, type BackendLock } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import { takeOverQueue, type Database } from '@scoria/store';
import { ServiceHeartbeat, type OperationWorker, type ServiceLogger } from '@scoria/worker';
import type { Backend } from './backend.js';
import { stateDirOf } from './build-backend.js';
import { InventoryReporter } from './inventory-reporter.js';
import type { Publishers } from './publishers.js';
import { StatsPublisher } from './stats-publisher.js';

export interface StarterDeps {
  config: ScoriaConfig;
  database: Database;
  worker: OperationWorker;
  publishers: Publishers;
  logger: ServiceLogger;
  makePublisher: (backend: Backend) => StatsPublisher;
}

/** Pause between two tries to bring a backend up; doubles up to the limit. */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
/** Storage is compared with the database this often. */
const INVENTORY_INTERVAL_MS = 300_000;

/**
 * Brings one backend into service and out of it: alone on its storage, its predecessor's claims taken over, its pools
 * published, then its queue served. A backend that cannot start is tried again while the others work; meanwhile its
 * service shows as down.
 */
export class BackendStarter {
  private readonly stopping = new AbortController();
  private lock: BackendLock | undefined;
  private heartbeat: ServiceHeartbeat | undefined;
  private inventory: InventoryReporter | undefined;
  private driverUp = false;
  private set = false;

  constructor(
    private readonly backend: Backend,
    private readonly deps: StarterDeps,
    /** Resolves when the exports of this backend's protocol are served; shared between backends. */
    private readonly exportsUp: (exports: ExportProtocol) => Promise<void>,
  ) {}

  get up(): boolean {
    return this.set;
  }

  /** Resolves when the backend is up, or when `stop()` was called. Throws ConfigError for what no retry mends. */
  async start(): Promise<void> {
    for (
      let pause = FIRST_RETRY_MS;
      !this.stopping.signal.aborted;
      pause = Math.min(pause * 2, LAST_RETRY_MS)
    ) {
      try {
        return await this.bringUp();
      } catch (error) {
        if (error instanceof ConfigError) throw error;
        if (this.stopping.signal.aborted) return;
        const fields = { backend: this.backend.address, reason: describeError(error), againInMs: pause };
        this.deps.logger.error(fields, 'the backend could not be started');
        await delay(pause, undefined, { signal: this.stopping.signal }).catch(() => {});
      }
    }
  }

  private async bringUp(): Promise<void> {
    const { backend, deps } = this;
    const directory = stateDirOf(deps.config.volume, backend.config);
    await mkdir(directory, { recursive: true });
    const commands = new CommandRunner({ owner: `${backend.address} start` });
    this.lock ??= await holdBackend(directory, {
      backendName: backend.config.name,
      commands,
      logger: {
        debug: () => {},
        info: () => {},
        warn: (message) => deps.logger.warn({}, message),
        error: () => {},
      },
      signal: this.stopping.signal,
    });
    if (!this.driverUp) await backend.driver.setup();
    this.driverUp = true;
    await this.exportsUp(backend.exports);
    const taken = await takeOverQueue(deps.database, backend.queue, deps.worker.worker);
    if (taken > 0)
      deps.logger.info({ backend: backend.address, operations: taken }, 'unfinished operations taken over');

    const publisher = deps.makePublisher(backend);
    await publisher.start();
    deps.publishers.add(backend.queue, publisher);
    this.heartbeat = new ServiceHeartbeat(
      deps.database,
      {
        binary: 'cinder-volume',
        host: backend.address,
        availabilityZone: deps.config.volume.availabilityZone,
        backendState: 'up',
      },
      deps.logger,
    );
    await this.heartbeat.start();
    this.inventory = new InventoryReporter(backend, deps.database, deps.logger, INVENTORY_INTERVAL_MS);
    this.inventory.start();
    this.set = true;
    deps.worker.serve(backend.queue);
    deps.logger.info({ backend: backend.address, driver: backend.driver.name }, 'backend up');
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.heartbeat?.stop();
    await this.inventory?.stop();
    await this.backend.driver.close();
    await this.lock?.release();
  }
}
