import { loadConfig, type ScoriaConfig, type ServiceName } from '@scoria/config';
import { serveProbes } from '@scoria/telemetry';
import { openPlatform, type Platform } from '../compose/platform.js';
import { quietNest } from './quiet-nest.js';
import { startApi, startScheduler, startVolume, type Running } from './services.js';
import { untilSignal } from './until-signal.js';

const STARTERS: Record<ServiceName, (platform: Platform) => Promise<Running>> = {
  api: startApi,
  scheduler: startScheduler,
  volume: startVolume,
};

/** Runs one service until it is told to stop. */
export async function runService(service: ServiceName, file: string | undefined): Promise<void> {
  const config = loadConfig({
    env: process.env,
    services: [service],
    required: ['amqp.url', ...(service === 'volume' ? ['volume.backends'] : [])],
    ...(file === undefined ? {} : { file }),
  });
  const platform = await openPlatform(config, `scoria-${service}`);
  const { logger } = platform;
  quietNest(logger);
  const starting: { current?: Running } = {};
  const probes = await probesOf(service, config, async () =>
    starting.current ? starting.current.ready() : { ok: false, reasons: ['starting'] },
  );
  starting.current = await STARTERS[service](platform);
  logger.info({ url: starting.current.url }, `${service} started`);
  await untilSignal(logger, async () => {
    await starting.current?.stop();
    await probes?.close();
    await platform.close();
  });
}

/** The gateway serves its own probes. */
async function probesOf(
  service: ServiceName,
  { metrics }: ScoriaConfig,
  ready: Running['ready'],
): Promise<{ close(): Promise<void> } | undefined> {
  if (service === 'api' || metrics.port === undefined) return undefined;
  return serveProbes({ host: metrics.host, port: metrics.port, ready });
}
