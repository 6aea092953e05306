import { randomUUID } from 'node:crypto';
import { volumeQueue, type RequestContext } from '@scoria/domain';
import {
  OPERATIONS,
  OperationEngine,
  StepRegistry,
  createVolume,
  type EngineOptions,
  type StepHandler,
} from '@scoria/operations';
import { testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { Database, migrate, type Tx } from '../database.js';
import { insertOperation } from '../operations/insert-operation.js';
import { PostgresOperationStore } from '../operations/postgres-operation-store.js';

export const BACKEND = 'host@backend';
export const BACKEND_QUEUE = volumeQueue(BACKEND);

export interface Handlers {
  place: Required<StepHandler<Tx>>;
  provision: Required<StepHandler<Tx>>;
}

export interface OperationState {
  state: string;
  live: boolean;
  owner: string | null;
  generation: number;
  data: Record<string, unknown>;
}

export interface TestWorker {
  id: string;
  engine: OperationEngine<Tx>;
  store: PostgresOperationStore;
  database: Database;
}

interface WorkerOptions extends Partial<EngineOptions<Tx>> {
  handlers?: Partial<Handlers>;
  leaseSeconds?: number;
  /** Default: the schedulers' and the backend's. */
  queues?: readonly string[];
}

/** Real engines over a real database; what the steps do is what the test says. Each worker has its own connections. */
export class HazardWorld implements AsyncDisposable {
  private readonly stops: (() => Promise<void>)[] = [];

  private constructor(
    readonly test: TestDatabase,
    readonly database: Database,
  ) {}

  static async open(): Promise<HazardWorld> {
    const test = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    return new HazardWorld(test, await Database.open({ url: test.url, poolSize: 10 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.stops.reverse()) await stop();
    await this.database.close();
    await this.test.drop();
  }

  /** Not started; stopped at the end of the test. */
  async worker({
    handlers,
    leaseSeconds = 30,
    queues = ['scheduler', BACKEND_QUEUE],
    ...options
  }: WorkerOptions = {}): Promise<TestWorker> {
    const database = await Database.open({ url: this.test.url, poolSize: 5 });
    const { place, provision } = { place: placed(), provision: nothing(), ...handlers };
    const store = new PostgresOperationStore(database);
    const id = randomUUID();
    const engine = new OperationEngine<Tx>({
      worker: { id, service: 'volume', host: 'host', leaseSeconds },
      store,
      steps: new StepRegistry<Tx>(OPERATIONS)
        .implement(createVolume, 'place', place)
        .implement(createVolume, 'provision', provision),
      ring: async () => {},
      maxConcurrent: 10,
      projectShare: 0.75,
      heartbeatMs: 50,
      sweepMs: 50,
      retry: { baseDelayMs: 5, maxDelayMs: 20 },
      ...options,
    });
    for (const queue of queues) engine.serve(queue);
    this.stops.push(async () => {
      await engine.stop(0);
      await database.close();
    });
    return { id, engine, store, database };
  }

  /** The row and the intent, as the gateway writes them. */
  async createVolume(projectId = CONTEXT.projectId): Promise<string> {
    const volumeId = randomUUID();
    return this.database.transaction(async (tx) => {
      const { operationId } = await insertOperation(tx, {
        definition: createVolume,
        resourceType: 'volume',
        resourceId: volumeId,
        input: { source: { kind: 'empty' }, hints: {}, availabilityZones: [], pinnedTo: null },
        context: { ...CONTEXT, projectId },
      });
      await tx.query(
        `with type as (insert into volume_types (name) values ($1) returning id)
         insert into volumes (id, project_id, user_id, size, status, operation_id, volume_type_id, consumes_quota)
         select $2, $4, 'user', 1, 'creating', $3, id, false from type`,
        [randomUUID(), volumeId, operationId, projectId],
      );
      return operationId;
    });
  }

  async operation(id: string): Promise<OperationState> {
    const [row] = await this.database.query<OperationState>(
      'select state, live, owner, generation::int as generation, data from operations where id = $1',
      [id],
    );
    return row!;
  }

  ended(id: string): Promise<OperationState> {
    return waitFor(() => this.operation(id), {
      until: ({ live }) => !live,
      describe: 'the operation to end',
    });
  }
}

export const placed = (undo: Required<StepHandler<Tx>>['undo'] = async () => {}): Handlers['place'] => ({
  run: async () => ({ backend: BACKEND }),
  undo,
});

export const nothing = (): Handlers['provision'] => ({ run: async () => {}, undo: async () => {} });

/** What a well-behaved long step does: nothing, until it is told to stop. */
export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const stop = (): void => reject(new Error(`stopped: ${String(signal.reason)}`));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });

const CONTEXT: RequestContext = {
  requestId: 'req-00000000-0000-4000-8000-000000000000',
  userId: 'user',
  projectId: 'project',
  isAdmin: false,
  roles: ['member'],
};
