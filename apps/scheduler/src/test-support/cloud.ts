import { randomUUID } from 'node:crypto';
import { Logger as NestLogger } from '@nestjs/common';
import { InProcessBus, onCast } from '@scoria/bus';
import { loadConfig, type ScoriaConfig } from '@scoria/config';
import { doorbell } from '@scoria/contracts';
import { volumeQueue, type PoolState, type RequestContext } from '@scoria/domain';
import {
  OPERATIONS,
  StepRegistry,
  createSnapshot,
  createVolume,
  extendVolume,
  type CreateVolumeInput,
} from '@scoria/operations';
import { Database, insertOperation, migrate, publishPools, reportService, type Tx } from '@scoria/store';
import { testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { DoorbellController, OperationWorker, ringOver, type ServiceLogger } from '@scoria/worker';
import { createScheduler, type Scheduler, type SchedulerDeps } from '../scheduler.js';

export const PROJECT = 'project';

export const quiet: ServiceLogger = { debug() {}, info() {}, warn() {}, error() {} };

export interface NewVolume {
  sizeGib: number;
  input?: Partial<CreateVolumeInput>;
  extraSpecs?: Record<string, string>;
}

interface EndedOperation {
  state: string;
  backend: string | null;
  data: { pool?: string; excluded?: string[] };
  error: { message: string; detail?: string; cause?: string } | null;
}

/** A cloud without storage: database and bus are real, and volume services are what the test makes of them. */
export class Cloud implements AsyncDisposable {
  private readonly stops: (() => Promise<void>)[] = [];

  private constructor(
    private readonly test: TestDatabase,
    readonly database: Database,
    readonly bus: InProcessBus,
  ) {}

  static async open(): Promise<Cloud> {
    NestLogger.overrideLogger(false);
    const test = await testDatabase({ name: 'scheduler', migrate: async (url) => void (await migrate(url)) });
    return new Cloud(test, await Database.open({ url: test.url, poolSize: 20 }), new InProcessBus());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
    await this.bus.close();
    await this.database.close();
    await this.test.drop();
  }

  config(): ScoriaConfig {
    return loadConfig({
      env: {},
      services: ['scheduler'],
      overrides: {
        database: { url: this.test.url },
        operations: { sweepSeconds: 1, retry: { baseDelayMs: 10, maxDelayMs: 50 } },
      },
    });
  }

  /** As its volume service would: the rows, and that the service is alive. Not the broadcast. */
  async report(...pools: PoolState[]): Promise<void> {
    for (const [backend, ofBackend] of Map.groupBy(pools, (pool) => pool.backend)) {
      await reportService(this.database, {
        binary: 'cinder-volume',
        host: backend,
        availabilityZone: ofBackend[0]!.availabilityZone,
      });
      await publishPools(this.database, backend, ofBackend);
    }
  }

  async scheduler(options: Partial<SchedulerDeps> = {}): Promise<Scheduler> {
    const { database, bus } = this;
    const deps = { config: this.config(), database, bus, logger: quiet, host: randomUUID(), ...options };
    const scheduler = createScheduler(deps);
    await scheduler.start();
    this.stops.push(() => scheduler.stop(1000));
    return scheduler;
  }

  /** A volume service of one backend, which makes and grows volumes as told. */
  async volumeService(
    backend: string,
    {
      provision = async () => {},
      grow = async () => {},
    }: { provision?: () => Promise<void>; grow?: () => Promise<void> } = {},
  ): Promise<void> {
    const steps = new StepRegistry<Tx>(OPERATIONS)
      .implement(createVolume, 'provision', { run: provision, undo: async () => {} })
      .implement(extendVolume, 'grow', { run: grow });
    const worker = new OperationWorker({
      service: 'volume',
      host: backend,
      config: this.config().operations,
      database: this.database,
      steps,
      ring: ringOver(this.bus, quiet),
      logger: quiet,
    });
    const queue = volumeQueue(backend);
    worker.serve(queue);
    await worker.start();
    const ear = new DoorbellController(worker);
    const listener = this.bus.serve({
      queues: [queue],
      handlers: [onCast(doorbell, (bell, context) => ear.hear(bell, context))],
    });
    this.stops.push(async () => {
      await listener.drain();
      await worker.stop(1000);
    });
  }

  /** Writes down the request as the gateway does, and rings. Quota is not what is tested here. */
  async createVolume({ sizeGib, input = {}, extraSpecs = {} }: NewVolume): Promise<CreatedVolume> {
    const volumeId = randomUUID();
    const due = await this.database.transaction(async (tx) => {
      const [type] = (await tx.query(
        'insert into volume_types (name, extra_specs) values ($1, $2) returning id',
        [randomUUID(), JSON.stringify(extraSpecs)],
      )) as [{ id: string }];
      const operation = await insertOperation(tx, {
        definition: createVolume,
        resourceType: 'volume',
        resourceId: volumeId,
        input: { source: { kind: 'empty' }, hints: {}, availabilityZones: [], pinnedTo: null, ...input },
        context: CONTEXT,
      });
      await tx.query(
        `insert into volumes (id, project_id, user_id, size, status, operation_id, volume_type_id, consumes_quota)
         values ($1, $2, 'user', $3, 'creating', $4, $5, false)`,
        [volumeId, PROJECT, sizeGib, operation.operationId, type.id],
      );
      return operation;
    });
    await ringOver(this.bus, quiet)(due);
    return { volumeId, operationId: due.operationId };
  }

  /** A volume at rest in a pool, with its claim. */
  async existingVolume(
    pool: string,
    sizeGib: number,
    extraSpecs: Record<string, string> = {},
  ): Promise<string> {
    const id = randomUUID();
    await this.database.query(
      `with type as (insert into volume_types (name, extra_specs) values ($1, $2) returning id),
            volume as (
              insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool, consumes_quota)
              select $3, $4, 'user', $5, 'available', id, $6, false from type returning id)
       insert into claims (pool, volume_id, size_gib) select $6, id, $5 from volume`,
      [randomUUID(), JSON.stringify(extraSpecs), id, PROJECT, sizeGib, pool],
    );
    return id;
  }

  async extend(volumeId: string, oldSize: number, newSize: number): Promise<CreatedVolume> {
    const due = await this.database.transaction(async (tx) => {
      const operation = await insertOperation(tx, {
        definition: extendVolume,
        resourceType: 'volume',
        resourceId: volumeId,
        input: { oldSize, newSize },
        context: CONTEXT,
      });
      await tx.query(
        `update volumes set status = 'extending', operation_id = $2, pending_size = $3 where id = $1`,
        [volumeId, operation.operationId, newSize],
      );
      return operation;
    });
    await ringOver(this.bus, quiet)(due);
    return { volumeId, operationId: due.operationId };
  }

  async snapshot(volumeId: string, sizeGib: number): Promise<CreatedVolume> {
    const snapshotId = randomUUID();
    const due = await this.database.transaction(async (tx) => {
      const operation = await insertOperation(tx, {
        definition: createSnapshot,
        resourceType: 'snapshot',
        resourceId: snapshotId,
        input: { volumeId },
        context: CONTEXT,
      });
      await tx.query(
        `insert into snapshots (id, project_id, user_id, volume_id, volume_size, volume_type_id, status,
                                operation_id, consumes_quota)
         select $1, project_id, user_id, id, $3, volume_type_id, 'creating', $4, false from volumes where id = $2`,
        [snapshotId, volumeId, sizeGib, operation.operationId],
      );
      return operation;
    });
    await ringOver(this.bus, quiet)(due);
    return { volumeId, operationId: due.operationId };
  }

  /** Waits until the operation has left the schedulers: for a backend, or for good. */
  placed({ operationId }: Pick<CreatedVolume, 'operationId'>): Promise<EndedOperation> {
    return waitFor(() => this.operation(operationId, `not (live and queue = 'scheduler')`), {
      describe: 'the operation to be placed or refused',
    });
  }

  ended({ operationId }: Pick<CreatedVolume, 'operationId'>): Promise<EndedOperation> {
    return waitFor(() => this.operation(operationId, 'not live'), { describe: 'the operation to end' });
  }

  async volume(
    id: string,
  ): Promise<{ status: string; pool: string | null; availability_zone: string | null }> {
    const [row] = await this.database.query<Awaited<ReturnType<Cloud['volume']>>>(
      'select status, pool, availability_zone from volumes where id = $1',
      [id],
    );
    return row!;
  }

  /** Claims of each pool, GiB, by the sum of the rows and by the pool's own account. */
  async claims(): Promise<Record<string, { rows: number; account: number }>> {
    const rows = await this.database.query<{ address: string; rows: number; account: number }>(
      `select address, claimed_gib::int as account,
              (select coalesce(sum(size_gib), 0)::int from claims where pool = address) as rows
         from pools order by address`,
    );
    return Object.fromEntries(rows.map(({ address, ...claimed }) => [address, claimed]));
  }

  private async operation(id: string, condition: string): Promise<EndedOperation | undefined> {
    const [row] = await this.database.query<EndedOperation>(
      `select state, backend, data, error from operations where id = $1 and ${condition}`,
      [id],
    );
    return row;
  }
}

export interface CreatedVolume {
  volumeId: string;
  operationId: string;
}

export const CONTEXT: RequestContext = {
  requestId: 'req-00000000-0000-4000-8000-000000000000',
  userId: 'user',
  projectId: PROJECT,
  isAdmin: false,
  roles: ['member'],
};
