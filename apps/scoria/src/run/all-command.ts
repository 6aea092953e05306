import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadConfig, type ScoriaConfig } from '@scoria/config';
import { endTgtDaemon, tgtAvailable } from '@scoria/exports';
import { iscsiStateDir } from '@scoria/volume';
import { PrivatePostgres } from '@scoria/local-services';
import { ensureVolumeType, migrate } from '@scoria/store';
import { openPlatform } from '../compose/platform.js';
import { secretKeyIn } from '../compose/secret-key.js';
import { keptPort } from '../compose/kept-port.js';
import { noteUrl } from '../admin/noted-url.js';
import { LOOPBACK_WEBHOOKS } from '../compose/loopback-webhooks.js';
import { banner } from './banner.js';
import { quietNest } from './quiet-nest.js';
import { apiService, schedulerService, volumeService } from './services.js';
import { untilSignal } from './until-signal.js';

export interface AllOptions {
  port: number;
  data: string;
}

/**
 * The whole of Scoria in one process: an embedded PostgreSQL, the in-process bus, files as volumes. Everything lies
 * below `data`; the next start finds it.
 */
export async function runAll({ port, data }: AllOptions): Promise<void> {
  const begun = performance.now();
  const progress = (line: string): void => console.log(`  ${line}`);
  const dir = resolve(data);
  for (const part of ['images', 'volumes', 'state', 'conversion'])
    await mkdir(join(dir, part), { recursive: true });

  progress('starting PostgreSQL');
  const postgres = await PrivatePostgres.start({ dataDir: join(dir, 'postgres'), log: progress });
  await migrate(postgres.url);
  const noIscsi = await tgtAvailable();
  const config = await singleProcessConfig(dir, port, postgres.url, noIscsi === undefined);
  const platform = await openPlatform(config, 'scoria');
  const { database, logger } = platform;
  quietNest(logger);
  await ensureVolumeType(database, 'file', { volume_backend_name: 'file' });

  progress('starting the services');
  const api = await apiService(platform);
  const services = [await volumeService(platform), await schedulerService(platform), api];
  await untilSignal(logger, {
    async start() {
      for (const service of services) await service.start();
      await noteUrl(dir, api.url!);
      console.log(
        banner({
          url: api.url!,
          dataDir: dir,
          seconds: (performance.now() - begun) / 1000,
          missing: noIscsi,
          portal: `${config.volume.iscsi.portalAddress}:${config.volume.iscsi.portalPort}`,
        }),
      );
    },
    async stop() {
      for (const service of services.toReversed()) await service.stop();
      // Nobody else would end it, and the next start makes every export again.
      await endTgtDaemon(iscsiStateDir(config.volume));
      await platform.close();
      await postgres.stop();
    },
  });
}

async function singleProcessConfig(
  dir: string,
  port: number,
  url: string,
  iscsi: boolean,
): Promise<ScoriaConfig> {
  return loadConfig({
    env: process.env,
    defaults: {
      // Nobody stands between it and its clients.
      api: { authStrategy: 'noauth', drainSeconds: 0 },
      log: { level: 'warn', pretty: true },
      images: { kind: 'directory', directory: join(dir, 'images'), conversionDir: join(dir, 'conversion') },
      secrets: { keyFile: await secretKeyIn(dir) },
      webhooks: LOOPBACK_WEBHOOKS,
      operations: { leaseSeconds: 5, heartbeatSeconds: 1, sweepSeconds: 1 },
      volume: {
        host: 'scoria',
        stateDir: join(dir, 'state'),
        statsIntervalSeconds: 5,
        iscsi: {
          startDaemon: true,
          portalAddress: '127.0.0.1',
          portalPort: await keptPort(join(dir, 'iscsi-port'), 3260),
          controlPort: 1,
        },
        backends: [
          {
            name: 'file',
            driver: 'file',
            export: iscsi ? 'iscsi' : 'local',
            options: { directory: join(dir, 'volumes') },
          },
        ],
      },
    },
    overrides: { database: { url }, api: { port } },
  });
}
