import { loadConfig, type ScoriaConfig, type ServiceName } from '@scoria/config';
import { serveProbes } from '@scoria/telemetry';
import { openPlatform, type Platform } from '../compose/platform.js';
import { quietNest } from './quiet-nest.js';
import { apiService, schedulerService, volumeService, type Service } from './services.js';
import { STOP_LIMIT_MS, untilSignal } from './until-signal.js';

const SERVICES: Record<ServiceName, (platform: Platform) => Promise<Service>> = {
  api: apiService,
  scheduler: schedulerService,
  volume: volumeService,
};

/** Runs one service until it is told to stop. */
export async function runService(name: ServiceName, file: string | undefined): Promise<void> {
  const config = loadConfig({
    env: process.env,
    services: [name],
    required: ['amqp.url', ...(name === 'volume' ? ['volume.backends'] : [])],
    ...(file === undefined ? {} : { file }),
  });
  const platform = await openPlatform(config, `scoria-${name}`);
  const { logger } = platform;
  quietNest(logger);
  const service = await SERVICES[name](platform);
  let phase: 'starting' | 'started' | 'stopping' = 'starting';
  const probes = await probesOf(name, config, async () => {
    if (phase === 'stopping') return { ok: false, reasons: [phase] };
    const ready = await service.ready();
    // A start may last: what it waits for is among the reasons.
    return phase === 'started' ? ready : { ok: false, reasons: [phase, ...ready.reasons] };
  });
  const drainMs = name === 'api' ? config.api.drainSeconds * 1000 : 0;
  await untilSignal(
    logger,
    {
      async start() {
        await service.start();
        if (phase === 'stopping') return;
        phase = 'started';
        logger.info({ url: service.url }, `${name} started`);
      },
      async stop() {
        phase = 'stopping';
        await service.stop();
        await probes?.close();
        await platform.close();
      },
    },
    STOP_LIMIT_MS + drainMs,
  );
}

/** The gateway serves its own probes. */
async function probesOf(
  service: ServiceName,
  { metrics }: ScoriaConfig,
  ready: Service['ready'],
): Promise<{ close(): Promise<void> } | undefined> {
  if (service === 'api' || metrics.port === undefined) return undefined;
  return serveProbes({ host: metrics.host, port: metrics.port, ready });
}
