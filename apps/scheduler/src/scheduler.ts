import 'reflect-metadata';
import { hostname } from 'node:os';
import { Module, type DynamicModule, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BusServer, type BusListener } from '@scoria/bus';
import { encryptionKey, type ScoriaConfig } from '@scoria/config';
import type { Bus } from '@scoria/contracts';
import { SCHEDULER_QUEUE } from '@scoria/domain';
import { SecretBox, type Database, type NotificationListener } from '@scoria/store';
import {
  DoorbellController,
  OperationWorker,
  ServiceHeartbeat,
  ringOver,
  type OperationWorkerOptions,
  type ServiceLogger,
} from '@scoria/worker';
import { schedulerSteps } from './operations/steps.js';
import type { PlacementRequest } from './placement-request.js';
import { placementPolicy } from './policy.js';
import { PoolStates } from './pool-states.js';
import { PoolsController } from './pools.controller.js';
import { rank, type Ranking } from './rank.js';
import { WebhookDeliverer } from './webhooks/webhook-deliverer.js';

export interface SchedulerDeps {
  config: ScoriaConfig;
  database: Database;
  bus: Bus & BusListener;
  logger: ServiceLogger;
  /** Tells of new events at once; without it they are looked for every second. */
  listener?: NotificationListener;
  /** Shown under `/os-services`. Default: the machine's name. */
  host?: string;
  /** For tests that fail, stall or kill steps. */
  intercept?: OperationWorkerOptions['intercept'];
}

/** A running or runnable scheduler. Any number of them share the queue, and none has state of its own to lose. */
export interface Scheduler {
  /** Resolves when the pools are known and work is taken. Does not wait for the broker. */
  start(): Promise<void>;
  /**
   * Lets what runs end for `graceMs` milliseconds, then hands the rest to others. Also while it starts, which then ends. The
   * bus stays the caller's.
   */
  stop(graceMs: number): Promise<void>;
  /** Where a request would go and why not elsewhere, claiming nothing. */
  explain(request: PlacementRequest): Ranking;
  readonly inFlight: number;
}

/** Throws when the configuration names a filter or weigher that does not exist. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { config, database, bus, logger, host = hostname() } = deps;
  const { serviceDownSeconds } = config.scheduler;
  const policy = placementPolicy(config.scheduler);
  const pools = new PoolStates({ database, serviceDownSeconds, logger });
  const worker = new OperationWorker({
    service: 'scheduler',
    host,
    config: config.operations,
    database,
    steps: schedulerSteps({ database, pools, policy }),
    ring: ringOver(bus, logger),
    logger,
    ...(deps.intercept ? { intercept: deps.intercept } : {}),
  });
  const availabilityZone = config.volume.availabilityZone;
  const heartbeat = new ServiceHeartbeat(
    database,
    { binary: 'cinder-scheduler', host, availabilityZone },
    logger,
  );
  const webhooks = delivererOf(deps);
  let application: INestMicroservice | undefined;
  let stopping = false;

  return {
    async start() {
      await pools.start();
      worker.serve(SCHEDULER_QUEUE);
      await worker.start();
      if (stopping) return;
      application = await listen(deps, pools, worker);
      if (stopping) return application.close();
      await heartbeat.start();
      if (!stopping) webhooks?.start();
    },
    async stop(graceMs) {
      stopping = true;
      // All at once: nothing is claimed from here on, whatever the bus still brings.
      await Promise.all([worker.stop(graceMs), webhooks?.stop(graceMs), application?.close()]);
      await heartbeat.stop();
      await pools.stop();
    },
    explain: (request) => rank(request, pools.all(), policy),
    get inFlight() {
      return worker.inFlight;
    },
  };
}

/** Without the key that secrets are sealed with there can be no webhooks. */
function delivererOf({ config, database, listener, logger }: SchedulerDeps): WebhookDeliverer | undefined {
  const { key, keyFile } = config.secrets;
  if (!config.webhooks.enabled || (key ?? keyFile) === undefined) return undefined;
  const secrets = new SecretBox(encryptionKey(config.secrets));
  return new WebhookDeliverer({ config: config.webhooks, database, listener, secrets, logger });
}

@Module({})
class SchedulerModule {
  static with(pools: PoolStates, worker: OperationWorker): DynamicModule {
    return {
      module: SchedulerModule,
      controllers: [DoorbellController, PoolsController],
      providers: [
        { provide: PoolStates, useValue: pools },
        { provide: OperationWorker, useValue: worker },
      ],
    };
  }
}

async function listen(
  { bus, config }: SchedulerDeps,
  pools: PoolStates,
  worker: OperationWorker,
): Promise<INestMicroservice> {
  const strategy = new BusServer(bus, { queues: [SCHEDULER_QUEUE], prefetch: config.amqp.prefetch });
  const application = await NestFactory.createMicroservice(SchedulerModule.with(pools, worker), {
    strategy,
    abortOnError: false,
  });
  await application.listen();
  return application;
}
