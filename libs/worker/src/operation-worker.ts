import { randomUUID } from 'node:crypto';
import type { OperationsConfig } from '@scoria/config';
import { OperationEngine, type EngineOptions, type StepRegistry, type Worker } from '@scoria/operations';
import { PostgresOperationStore, waitForDatabase, type Database, type Tx } from '@scoria/store';
import { registerObservable } from '@scoria/telemetry';
import type { ServiceLogger } from './logger.js';
import { observers } from './observers.js';
import type { Ring } from './ring.js';

export interface OperationWorkerOptions {
  service: 'scheduler' | 'volume';
  host: string;
  config: OperationsConfig;
  database: Database;
  steps: StepRegistry<Tx>;
  ring: Ring;
  logger: ServiceLogger;
  /** Told when an operation has ended here, for what is published on change. */
  onEnded?: (operation: { kind: string; backend: string | null }) => void;
  /** For tests that fail, stall or kill steps. */
  intercept?: EngineOptions<Tx>['intercept'];
}

/** The engine as a service runs it: over the store and the bus, with logs, metrics and a lease of its own. */
export class OperationWorker {
  /** New with each start: a lease is never inherited from a predecessor. */
  readonly worker: Worker;
  private readonly engine: OperationEngine<Tx>;
  private readonly logger: ServiceLogger;
  private readonly endMetrics: () => void;

  constructor({
    service,
    host,
    config,
    database,
    steps,
    ring,
    logger,
    onEnded,
    intercept,
  }: OperationWorkerOptions) {
    this.worker = { id: randomUUID(), service, host, leaseSeconds: config.leaseSeconds };
    this.logger = logger;
    this.engine = new OperationEngine<Tx>({
      worker: this.worker,
      store: new PostgresOperationStore(database),
      steps,
      ring: (queue, bell) => ring({ queue, ...bell }),
      maxConcurrent: config.maxConcurrent,
      projectShare: config.projectShare,
      heartbeatMs: config.heartbeatSeconds * 1000,
      sweepMs: config.sweepSeconds * 1000,
      retry: config.retry,
      ...observers(logger, onEnded),
      ...(intercept ? { intercept } : {}),
    });
    this.endMetrics = registerObservable('scoria_operation_slots_in_use', () =>
      this.engine.slotsInUse.map(({ queue, inUse }) => ({ value: inUse, labels: { queue } })),
    );
  }

  /** Waits for the database when that is away. */
  start(): Promise<void> {
    return waitForDatabase(() => this.engine.start(), this.logger);
  }

  serve(queue: string): void {
    this.engine.serve(queue);
  }

  ring(queue: string, operationId: string): void {
    this.engine.ring(queue, operationId);
  }

  get inFlight(): number {
    return this.engine.inFlight;
  }

  /** See `OperationEngine.stop`. */
  async stop(graceMs: number): Promise<void> {
    await this.engine.stop(graceMs);
    this.endMetrics();
  }
}
