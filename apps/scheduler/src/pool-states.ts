import type { PoolsPublished } from '@scoria/contracts';
import { describeError, type PoolState } from '@scoria/domain';
import { readPoolFigures, waitForDatabase, type Database, type PoolFigures } from '@scoria/store';
import type { ServiceLogger } from '@scoria/worker';
import { poolView, type PoolView, type ServiceCondition } from './pool-view.js';

/** How often claims and services are read from the database, in milliseconds. */
const REFRESH_MS = 3000;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface Entry {
  view: Writable<PoolView>;
  reportedAt: string;
  /** The scheduler's own count of what it heard; not a time. */
  heard: number;
}

interface PoolStatesOptions {
  database: Database;
  serviceDownSeconds: number;
  logger: ServiceLogger;
  refreshMs?: number;
}

/**
 * The pools as this process knows them. The database is the truth: it is read at start, so that a new scheduler is ready
 * at once, and again every few seconds. Broadcasts and the scheduler's own placements only bring changes sooner, and
 * whatever they got wrong the next reading corrects. What is here decides where to try; the claim decides.
 */
export class PoolStates {
  private readonly entries = new Map<string, Entry>();
  private views: readonly PoolView[] | undefined;
  private heard = 0;
  private refreshing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly options: PoolStatesOptions) {}

  /** Waits until the database can be read, or until `stop()`: a scheduler that knows no pools would refuse everything. */
  async start(): Promise<void> {
    await waitForDatabase(async () => this.stopped || (await this.refresh()), this.options.logger);
    if (this.stopped) return;
    this.timer = setInterval(() => {
      this.refresh().catch((error: unknown) =>
        this.options.logger.warn({ reason: describeError(error) }, 'pools not read again'),
      );
    }, this.options.refreshMs ?? REFRESH_MS);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.refreshing?.catch(() => {});
  }

  /**
   * All pools. The list is a new one whenever a report or a service has changed, and the same while only claims do.
   */
  all(): readonly PoolView[] {
    return (this.views ??= [...this.entries.values()].map(({ view }) => view));
  }

  /** A backend's report. One that is older than what is known is ignored. */
  hear({ backend, reportedAt, pools }: PoolsPublished): void {
    const known = [...this.entries.values()].filter(({ view }) => view.state.backend === backend);
    if (known.some((entry) => entry.reportedAt > reportedAt)) return;
    this.heard++;
    for (const state of pools) this.put(state, reportedAt);
    const named = new Set(pools.map(({ address }) => address));
    for (const { view } of known) if (!named.has(view.state.address)) this.drop(view.state.address);
  }

  /** Counts a placement of this process, so that the next one knows of it. Negative when it was given back. */
  consume(address: string, gib: number, volumes: number): void {
    const view = this.entries.get(address)?.view;
    if (!view) return;
    view.claimedGib = Math.max(0, view.claimedGib + gib);
    view.volumeCount = Math.max(0, view.volumeCount + volumes);
  }

  /** Reads claims, services and newer reports. Callers that come meanwhile share the answer. */
  refresh(): Promise<void> {
    this.refreshing ??= this.read().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async read(): Promise<void> {
    const before = this.heard;
    const known = new Map([...this.entries].map(([address, { reportedAt }]) => [address, reportedAt]));
    const { database, serviceDownSeconds } = this.options;
    const rows = await readPoolFigures(database, serviceDownSeconds, known);
    for (const row of rows) this.update(row, before);
    const stored = new Set(rows.map(({ address }) => address));
    for (const [address, entry] of this.entries) {
      if (!stored.has(address) && entry.heard <= before) this.drop(address);
    }
  }

  private update(row: PoolFigures, before: number): void {
    const heardSince = (this.entries.get(row.address)?.heard ?? 0) > before;
    if (row.state && !heardSince) this.put(row.state, row.reportedAt);
    const view = this.entries.get(row.address)?.view;
    if (!view) return;
    view.claimedGib = row.claimedGib;
    view.volumeCount = row.volumeCount;
    const service = conditionOf(row);
    if (view.service === service) return;
    view.service = service;
    this.views = undefined;
  }

  private put(state: PoolState, reportedAt: string): void {
    const known = this.entries.get(state.address)?.view;
    // Who reports is not down, whatever was read last.
    const service = known && known.service !== 'down' ? known.service : 'up';
    const view = poolView(state, { ...known, service });
    this.entries.set(state.address, { view, reportedAt, heard: this.heard });
    this.views = undefined;
  }

  private drop(address: string): void {
    this.entries.delete(address);
    this.views = undefined;
  }
}

function conditionOf({ serviceUp, serviceDisabled, serviceFrozen }: PoolFigures): ServiceCondition {
  if (!serviceUp) return 'down';
  if (serviceDisabled) return 'disabled';
  return serviceFrozen ? 'frozen' : 'up';
}
