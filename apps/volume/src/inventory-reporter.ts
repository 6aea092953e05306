import { describeError } from '@scoria/domain';
import type { Database } from '@scoria/store';
import { registerObservable } from '@scoria/telemetry';
import type { ServiceLogger } from '@scoria/worker';
import type { Backend } from './backend.js';
import { compareInventory, type InventoryDifference } from './compare-inventory.js';

/**
 * Compares what is on the storage with what the database expects, and says where they differ. Destroys nothing: what has
 * no row may be somebody's only copy. A difference counts when two looks in a row have found it, since things come and
 * go between the two readings of one look.
 */
export class InventoryReporter {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private suspected: InventoryDifference = { unknown: new Map(), missing: new Set() };
  private reported: InventoryDifference = { unknown: new Map(), missing: new Set() };
  private readonly unregister: (() => void)[];

  constructor(
    private readonly backend: Backend,
    private readonly database: Database,
    private readonly logger: ServiceLogger,
    private readonly intervalMs: number,
  ) {
    const labels = { backend: backend.address };
    this.unregister = [
      registerObservable('scoria_backend_unknown_items', () => [
        { value: this.reported.unknown.size, labels },
      ]),
      registerObservable('scoria_backend_missing_items', () => [
        { value: this.reported.missing.size, labels },
      ]),
    ];
  }

  start(): void {
    if (!this.backend.driver.hasInventory) return;
    this.timer = setInterval(() => this.look(), this.intervalMs);
    this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    for (const end of this.unregister) end();
    await this.running;
  }

  private look(): void {
    this.running ??= this.compare()
      .catch((error: unknown) =>
        this.logger.warn(
          { backend: this.backend.address, reason: describeError(error) },
          'inventory not compared',
        ),
      )
      .finally(() => {
        this.running = undefined;
      });
  }

  private async compare(): Promise<void> {
    const found = await compareInventory(this.backend, this.database);
    this.report(found);
    this.suspected = found;
  }

  private report(found: InventoryDifference): void {
    const confirmed: InventoryDifference = {
      unknown: new Map([...found.unknown].filter(([name]) => this.suspected.unknown.has(name))),
      missing: found.missing.intersection(this.suspected.missing),
    };
    const { address: backend } = this.backend;
    for (const [name, { modifiedAt, sizeGib }] of confirmed.unknown) {
      if (this.reported.unknown.has(name)) continue;
      const ageHours = Math.round((Date.now() - modifiedAt.getTime()) / 3_600_000);
      this.logger.warn({ backend, name, sizeGib, ageHours }, 'on the storage, but in no row: left alone');
    }
    for (const item of confirmed.missing.difference(this.reported.missing)) {
      this.logger.error({ backend, item }, 'in the database, but not on the storage');
    }
    this.reported = confirmed;
  }
}
