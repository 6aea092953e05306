import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BusServer, type BusListener, type BusService } from '@scoria/bus';
import { encryptionKey, type ScoriaConfig } from '@scoria/config';
import type { Bus } from '@scoria/contracts';
import type { ExportProtocol } from '@scoria/exports';
import type { ImageService } from '@scoria/images';
import { SecretBox, type Database } from '@scoria/store';
import {
  DoorbellController,
  OperationWorker,
  ringOver,
  type OperationWorkerOptions,
  type ServiceLogger,
} from '@scoria/worker';
import { BackendStarter } from './backend-starter.js';
import { Backends, type Backend } from './backend.js';
import { buildBackends } from './build-backend.js';
import { Examiner } from './examiner.js';
import { ExportReconciler } from './export-reconciler.js';
import { volumeSteps } from './operations/steps.js';
import { Publishers } from './publishers.js';
import { StatsPublisher } from './stats-publisher.js';
import { VolumeController } from './volume.controller.js';
import { WorkFileSweeper } from './work-file-sweeper.js';

export interface VolumeServiceDeps {
  config: ScoriaConfig;
  database: Database;
  bus: Bus & BusListener;
  images: ImageService | undefined;
  logger: ServiceLogger;
  /** For tests that fail, stall or kill steps. */
  intercept?: OperationWorkerOptions['intercept'];
}

export interface VolumeService {
  /**
   * Resolves when every backend is up and its attachments are served. One that has to be tried again keeps it waiting; the
   * others work already.
   */
  start(): Promise<void>;
  ready(): { ok: boolean; reasons: string[] };
  /** Finishes or hands over what runs, within about `graceMs`. Also while it starts, which then ends. */
  stop(graceMs: number): Promise<void>;
}

const RECONCILE_INTERVAL_MS = 30_000;
const SWEEP_INTERVAL_MS = 300_000;
/** Characters of what a probe says of a backend. */
const MAX_REASON = 300;

@Module({})
class VolumeModule {}

/** The service of one storage host. Touches nothing until it is started. */
export async function createVolumeService(deps: VolumeServiceDeps): Promise<VolumeService> {
  const { config, database, bus, images, logger } = deps;
  const { host } = config.volume;
  const secrets = new SecretBox(encryptionKey(config.secrets));
  const publishers = new Publishers();
  const reconcilerRef: { current?: ExportReconciler } = {};
  const backends = await buildBackends(config, logger, () => reconcilerRef.current?.nudge());
  const isUp = (backend: Backend): boolean => starters[backends.indexOf(backend)]!.up;
  const reconciler = new ExportReconciler(backends, {
    database,
    secrets,
    isUp,
    logger,
    intervalMs: RECONCILE_INTERVAL_MS,
  });
  reconcilerRef.current = reconciler;

  const sweeper = new WorkFileSweeper({
    database,
    workDir: config.images.conversionDir,
    logger,
    intervalMs: SWEEP_INTERVAL_MS,
  });

  const worker = new OperationWorker({
    service: 'volume',
    host,
    config: config.operations,
    database,
    steps: volumeSteps({
      database,
      backends: new Backends(backends),
      secrets,
      images,
      imagesConfig: config.images,
      logger,
    }),
    ring: ringOver(bus, logger),
    logger,
    onEnded: ({ backend }) => publishers.nudge(backend),
    ...(deps.intercept ? { intercept: deps.intercept } : {}),
  });

  const exportsUp = once((exports: ExportProtocol) => exports.setup());
  const makePublisher = (backend: Backend): StatsPublisher =>
    new StatsPublisher(backend, {
      database,
      bus,
      logger,
      availabilityZone: config.volume.availabilityZone,
      defaultRatio: config.scheduler.maxOverSubscriptionRatio,
      intervalMs: config.volume.statsIntervalSeconds * 1000,
    });
  const starters: BackendStarter[] = backends.map(
    (backend) =>
      new BackendStarter(backend, { config, database, worker, publishers, logger, makePublisher }, exportsUp),
  );

  const examiner = new Examiner(backends, database, isUp);

  const server = new BusServer(bus, {
    queues: backends.map(({ queue }) => queue),
    prefetch: config.amqp.prefetch,
  });
  const app = await NestFactory.createMicroservice(
    {
      module: VolumeModule,
      controllers: [DoorbellController, VolumeController],
      providers: [
        { provide: OperationWorker, useValue: worker },
        { provide: Publishers, useValue: publishers },
        { provide: Examiner, useValue: examiner },
      ],
    },
    { strategy: server, abortOnError: false },
  );

  let [stopping, listening] = [false, false];
  /** The exports of a backend are not kept waiting by another one that cannot start. */
  const bringUp = async (starter: BackendStarter): Promise<void> => {
    await starter.start();
    await reconciler.look();
  };
  return {
    async start() {
      await sweeper.start();
      await worker.start();
      if (stopping) return;
      await app.listen();
      listening = true;
      if (stopping) return app.close();
      reconciler.start();
      await Promise.all(starters.map(bringUp));
    },
    ready() {
      const reasons = backends.flatMap(({ address }, index) => reasonsOf(address, starters[index]!));
      if (!listening || !server.unwrap<BusService>().connected) reasons.push('the broker is not reachable');
      return { ok: reasons.length === 0, reasons };
    },
    async stop(graceMs) {
      stopping = true;
      const halted = Promise.all(starters.map((starter) => starter.halt()));
      // All at once: nothing is claimed from here on, whatever the bus still brings.
      await Promise.all([worker.stop(graceMs), app.close(), halted]);
      await Promise.all([reconciler.stop(), sweeper.stop()]);
      await publishers.stop();
      await Promise.all(starters.map((starter) => starter.release()));
      await Promise.all(
        [...new Set(backends.map(({ exports }) => exports))].map((exports) => exports.close()),
      );
    },
  };
}

function reasonsOf(address: string, { up, reason }: BackendStarter): string[] {
  if (up) return [];
  return [`backend ${address} is not up${reason === undefined ? '' : `: ${reason.slice(0, MAX_REASON)}`}`];
}

/** Runs `work` once per argument, at a time; a failure is not kept. */
function once<A extends object>(work: (argument: A) => Promise<void>): (argument: A) => Promise<void> {
  const done = new Map<A, Promise<void>>();
  return (argument) => {
    const running = done.get(argument) ?? work(argument);
    done.set(argument, running);
    running.catch(() => done.delete(argument));
    return running;
  };
}
