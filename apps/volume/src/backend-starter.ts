import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandRunner } from '@scoria/commands';
import { ConfigError, type ScoriaConfig } from '@scoria/config';
import { describeError } from '@scoria/domain';
import { holdBackend, type BackendLock } from '@scoria/drivers';
import type { ExportProtocol } from '@scoria/exports';
import { isDatabaseAway, takeOverQueue, type Database } from '@scoria/store';
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

/**
 * Pause between two tries to bring a backend up; doubles up to the limit. A database that is away is no trouble of the
 * backend's, and costs little to ask: all that the host serves waits for it.
 */
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;
const DATABASE_RETRY_MS = 2000;
/** Storage is compared with the database this often. */
const INVENTORY_INTERVAL_MS = 300_000;

/**
 * Brings one backend into service and out of it: alone on its storage, its predecessor's claims taken over, its pools
 * published, then its queue served. A backend that cannot start is tried again while the others work; meanwhile its
 * service shows as down.
 */
export class BackendStarter {
  private readonly stopping = new AbortController();
  private starting: Promise<void> = Promise.resolve();
  private lock: BackendLock | undefined;
  private heartbeat: ServiceHeartbeat | undefined;
  private inventory: InventoryReporter | undefined;
  private driverUp = false;
  private set = false;
  private trouble: string | undefined;

  constructor(
    private readonly backend: Backend,
    private readonly deps: StarterDeps,
    /** Resolves when the exports of this backend's protocol are served; shared between backends. */
    private readonly exportsUp: (exports: ExportProtocol) => Promise<void>,
  ) {}

  get up(): boolean {
    return this.set;
  }

  /** Why it is not up, as far as is known. */
  get reason(): string | undefined {
    return this.set ? undefined : this.trouble;
  }

  /** Resolves when the backend is up, or when `halt()` was called. Throws ConfigError for what no retry mends. */
  start(): Promise<void> {
    this.starting = this.tryUntilUp();
    return this.starting;
  }

  /** Ends a start that is under way. Nothing of it goes on when this resolves; what it has begun, `release()` ends. */
  async halt(): Promise<void> {
    this.stopping.abort(new Error('the service is stopping'));
    await this.starting.catch(() => {});
  }

  /** Gives the backend up to another process. After `halt()`, and when nothing runs on it any more. */
  async release(): Promise<void> {
    await this.heartbeat?.stop();
    await this.inventory?.stop();
    await this.backend.driver.close();
    await this.lock?.release();
  }

  private async tryUntilUp(): Promise<void> {
    for (let next = FIRST_RETRY_MS; !this.stopping.signal.aborted;) {
      try {
        return await this.bringUp();
      } catch (error) {
        if (error instanceof ConfigError) throw error;
        if (this.stopping.signal.aborted) return;
        this.trouble = describeError(error);
        const pause = isDatabaseAway(error) ? DATABASE_RETRY_MS : next;
        if (pause === next) next = Math.min(next * 2, LAST_RETRY_MS);
        const fields = { backend: this.backend.address, reason: this.trouble, againInMs: pause };
        this.deps.logger.error(fields, 'the backend could not be started');
        await delay(pause, undefined, { signal: this.stopping.signal }).catch(() => {});
      }
    }
  }

  /**
   * Looks after each wait whether the service is stopping meanwhile. Only a process that will serve the backend may touch
   * what its predecessor has left: claims, files, the report of its pools.
   */
  private async bringUp(): Promise<void> {
    const { backend, deps } = this;
    const { signal } = this.stopping;
    const directory = stateDirOf(deps.config.volume, backend.config);
    await mkdir(directory, { recursive: true });
    signal.throwIfAborted();
    await this.holdStateDir(directory);
    signal.throwIfAborted();
    await this.setUpDriver();
    signal.throwIfAborted();
    await this.endSurvivors();
    signal.throwIfAborted();
    await this.exportsUp(backend.exports);
    signal.throwIfAborted();
    const taken = await takeOverQueue(deps.database, backend.queue, deps.worker.worker);
    if (taken > 0)
      deps.logger.info({ backend: backend.address, operations: taken }, 'unfinished operations taken over');
    signal.throwIfAborted();

    const publisher = deps.makePublisher(backend);
    await publisher.start();
    // Before anything else: whoever stops the service ends those that it finds there.
    deps.publishers.add(backend.queue, publisher);
    signal.throwIfAborted();
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
    signal.throwIfAborted();
    this.inventory = new InventoryReporter(backend, deps.database, deps.logger, INVENTORY_INTERVAL_MS);
    this.inventory.start();
    this.set = true;
    deps.worker.serve(backend.queue);
    deps.logger.info({ backend: backend.address, driver: backend.driver.name }, 'backend up');
  }

  private async holdStateDir(directory: string): Promise<void> {
    const { backend, deps, stopping } = this;
    const warn = (message: string): void => {
      this.trouble = message;
      deps.logger.warn({ backend: backend.address }, message);
    };
    this.lock ??= await holdBackend(directory, {
      backendName: backend.config.name,
      commands: new CommandRunner({ owner: `${backend.address} start` }),
      logger: { debug: () => {}, info: () => {}, warn, error: () => {} },
      signal: stopping.signal,
    });
  }

  /** A setup may wait for long: for another process that serves the same storage. The driver's `close()` ends that. */
  private async setUpDriver(): Promise<void> {
    if (this.driverUp) return;
    const { driver } = this.backend;
    const { signal } = this.stopping;
    const end = (): void => void driver.close().catch(() => {});
    signal.addEventListener('abort', end, { once: true });
    try {
      await driver.setup();
      this.driverUp = true;
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  /** A conversion that outlived its service would write beside the operation that is begun again. */
  private async endSurvivors(): Promise<void> {
    const { address, imageCommands } = this.backend;
    const killed = await imageCommands.killSurvivors();
    if (killed > 0) {
      this.deps.logger.warn({ backend: address, killed }, 'killed conversions that outlived their service');
    }
  }
}
