import { poolsPublished, type Bus } from '@scoria/contracts';
import { describeError, poolAddress, type PoolState } from '@scoria/domain';
import type { DriverPoolStats } from '@scoria/drivers';
import { publishPools, type Database } from '@scoria/store';
import type { ServiceLogger } from '@scoria/worker';
import type { Backend } from './backend.js';

/** Reports on change follow each other at this distance at least, in milliseconds. */
const LEAST_GAP_MS = 1000;

interface Options {
  database: Database;
  bus: Bus;
  logger: ServiceLogger;
  availabilityZone: string;
  defaultRatio: number;
  intervalMs: number;
}

/**
 * Tells the schedulers, and the database for schedulers yet to start, what a backend's pools look like: every few
 * seconds, and soon after something changed.
 */
export class StatsPublisher {
  private timer: NodeJS.Timeout | undefined;
  private publishing: Promise<void> | undefined;
  private changed = false;
  private stopped = false;
  /** What was published last; answers `GET /capabilities/{host}`. */
  latest: PoolState[] = [];

  constructor(
    private readonly backend: Backend,
    private readonly options: Options,
  ) {}

  /** The first report is in the database when this resolves. */
  async start(): Promise<void> {
    await this.publish();
    this.schedule();
  }

  /** Something was made, grown or removed. While a report is under way, the next one follows it. */
  nudge(): void {
    if (this.changed || this.stopped) return;
    this.changed = true;
    if (!this.publishing) this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.publishing;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => this.report(), this.changed ? LEAST_GAP_MS : this.options.intervalMs);
  }

  /**
   * Never two at once: storage that does not answer would hold one more of Node's few threads for files with each, and
   * what was measured first might be written last.
   */
  private report(): void {
    this.changed = false;
    this.publishing = this.publish()
      .catch((error: unknown) =>
        this.options.logger.warn(
          { backend: this.backend.address, reason: describeError(error) },
          'pools not published',
        ),
      )
      .finally(() => {
        this.publishing = undefined;
        this.schedule();
      });
  }

  private async publish(): Promise<void> {
    const { database, bus } = this.options;
    const { address, driver } = this.backend;
    const pools = (await driver.pools()).map((stats) => this.state(stats));
    const reportedAt = await publishPools(database, address, pools);
    this.latest = pools;
    // The rows are written: a broadcast that is lost costs the schedulers a few seconds.
    await bus.broadcast(poolsPublished, { backend: address, reportedAt, pools }).catch(() => {});
  }

  private state(stats: DriverPoolStats): PoolState {
    const { backend, options } = this;
    const { config, driver } = backend;
    const { ownCapacityGib, extra, ...measured } = stats;
    return {
      ...measured,
      address: poolAddress(backend.address, stats.poolName),
      backend: backend.address,
      availabilityZone: options.availabilityZone,
      volumeBackendName: config.volumeBackendName ?? config.name,
      vendorName: driver.vendorName,
      driverVersion: driver.version,
      storageProtocol: backend.exports.storageProtocol,
      foreignCapacityGib: Math.max(0, stats.provisionedCapacityGib - ownCapacityGib),
      reservedPercentage: Math.max(config.reservedPercentage, stats.reservedPercentage ?? 0),
      maxOverSubscriptionRatio:
        config.maxOverSubscriptionRatio ?? stats.maxOverSubscriptionRatio ?? options.defaultRatio,
      backendState: 'up',
      extra: { ...extra, ...config.extraCapabilities },
    };
  }
}
