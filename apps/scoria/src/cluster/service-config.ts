import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tgtAvailable } from '@scoria/exports';
import { stringify } from 'yaml';
import { LOOPBACK_WEBHOOKS } from '../compose/loopback-webhooks.js';
import { secretKeyIn } from '../compose/secret-key.js';
import type { Member } from './layout.js';
import type { ClusterState } from './state.js';

/** Short leases: on one machine a silent process is a dead one. */
const OPERATIONS = { leaseSeconds: 5, heartbeatSeconds: 1, sweepSeconds: 1 };

/** Everything that one host keeps. */
export const stateDirOf = ({ dataDir }: Pick<ClusterState, 'dataDir'>, host: string): string =>
  join(dataDir, host);

/** Writes a service's configuration file and answers its path. */
export async function writeServiceConfig(state: ClusterState, member: Member): Promise<string> {
  const { dataDir, basePort } = state;
  const own = state.settings?.[member.name];
  const port = basePort + member.portOffset;
  const images = join(dataDir, 'images');
  const stateDir = stateDirOf(state, member.host);
  await mkdir(images, { recursive: true });
  await mkdir(stateDir, { recursive: true });
  const config = {
    database: { url: own?.databaseUrl ?? state.databaseUrl },
    amqp: { url: own?.amqpUrl ?? state.amqpUrl },
    secrets: { keyFile: await secretKeyIn(dataDir) },
    operations: OPERATIONS,
    ...(state.loopbackWebhooks ? { webhooks: LOOPBACK_WEBHOOKS } : {}),
    images: { kind: 'directory', directory: images, conversionDir: join(stateDir, 'conversion') },
    ...(member.kind === 'api' ? { api: { port, authStrategy: 'noauth' } } : { metrics: { port } }),
    ...(member.kind === 'scheduler' ? { scheduler: { host: member.host } } : {}),
    ...(member.kind === 'volume' ? { volume: await volumeSection(state, member, stateDir) } : {}),
  };
  const file = join(dataDir, `${member.name}.yaml`);
  await writeFile(file, stringify(config), { mode: 0o600 });
  return file;
}

async function volumeSection(
  { basePort }: ClusterState,
  { host, portalOffset }: Member,
  stateDir: string,
): Promise<object> {
  const iscsi = (await tgtAvailable()) === undefined;
  return {
    host,
    stateDir,
    statsIntervalSeconds: 2,
    iscsi: {
      startDaemon: true,
      portalAddress: '127.0.0.1',
      portalPort: basePort + portalOffset!,
      controlPort: 1,
    },
    backends: [
      {
        name: 'file',
        driver: 'file',
        export: iscsi ? 'iscsi' : 'local',
        options: { directory: join(stateDir, 'volumes') },
      },
      { name: 'null', driver: 'null', export: 'local' },
    ],
  };
}
