import { BlockList, isIP } from 'node:net';
import { parseNetwork } from '@scoria/domain';
import type { ScoriaConfig } from './scoria-config.js';

/** The services a process runs; the single-process run is all three. */
export type ServiceName = 'api' | 'scheduler' | 'volume';

/** What must hold between fields. */
interface Rule {
  path: string;
  /** Whom it concerns: a scheduler need not know Keystone. */
  services: readonly ServiceName[];
  message: string;
  broken: (config: ScoriaConfig) => boolean;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

const ALL: readonly ServiceName[] = ['api', 'scheduler', 'volume'];

export const RULES: readonly Rule[] = [
  {
    path: 'api.host',
    services: ['api'],
    message:
      'noauth lets anyone who reaches this address do anything; listen on a loopback address or set api.allowRemoteNoauth',
    broken: ({ api }) => api.authStrategy === 'noauth' && !api.allowRemoteNoauth && !isLoopback(api.host),
  },
  {
    path: 'keystone.url',
    services: ['api'],
    message: 'is required when api.authStrategy is keystone',
    broken: ({ api, keystone }) => api.authStrategy === 'keystone' && keystone.url === undefined,
  },
  {
    path: 'keystone.password',
    services: ['api'],
    message: 'is required when api.authStrategy is keystone',
    broken: ({ api, keystone }) => api.authStrategy === 'keystone' && keystone.password === undefined,
  },
  {
    path: 'images.url',
    services: ['api', 'volume'],
    message: 'is required when images.kind is glance',
    broken: ({ images }) => images.kind === 'glance' && images.url === undefined,
  },
  {
    path: 'images.directory',
    services: ['api', 'volume'],
    message: 'is required when images.kind is directory',
    broken: ({ images }) => images.kind === 'directory' && images.directory === undefined,
  },
  {
    path: 'secrets',
    services: ALL,
    message: 'give key or keyFile, not both',
    broken: ({ secrets }) => secrets.key !== undefined && secrets.keyFile !== undefined,
  },
  {
    path: 'volume.host',
    services: ['volume'],
    message: 'must not hold "@" or "#", which separate the parts of host@backend#pool',
    broken: ({ volume }) => /[@#]/.test(volume.host),
  },
  {
    path: 'volume.backends',
    services: ['volume'],
    message: 'two backends have the same name',
    broken: ({ volume }) =>
      new Set(volume.backends.map((backend) => backend.name)).size !== volume.backends.length,
  },
  {
    path: 'operations.heartbeatSeconds',
    services: ALL,
    message: 'must be less than half of operations.leaseSeconds, or one lost heartbeat loses the lease',
    broken: ({ operations }) => operations.heartbeatSeconds * 2 >= operations.leaseSeconds,
  },
  {
    path: 'operations.retry.maxDelayMs',
    services: ALL,
    message: 'must not be less than operations.retry.baseDelayMs',
    broken: ({ operations: { retry } }) => retry.maxDelayMs < retry.baseDelayMs,
  },
  {
    path: 'webhooks.allowedNetworks',
    services: ['api', 'scheduler'],
    message: 'must be a list of networks such as 10.20.0.0/16 or fd00::/8',
    broken: ({ webhooks }) => webhooks.allowedNetworks.some((text) => parseNetwork(text) === undefined),
  },
];
