/** Who is in the cluster, and on which port counted from the base. All on loopback. */
export type MemberKind = 'postgres' | 'rabbit' | 'api' | 'scheduler' | 'volume';

export interface Member {
  name: string;
  kind: MemberKind;
  /** Where it answers: AMQP, PostgreSQL, the API, or the probes of a service. */
  portOffset: number;
  /** The `host` of a service. */
  host: string;
  /** The iSCSI portal of a storage host. */
  portalOffset?: number;
}

const SERVERS: readonly Member[] = [
  { name: 'postgres', kind: 'postgres', portOffset: 10, host: 'localhost' },
  { name: 'rabbit', kind: 'rabbit', portOffset: 11, host: 'localhost' },
];

const STORAGE_HOSTS: readonly Member[] = [
  { name: 'volume1', kind: 'volume', portOffset: 4, host: 'host1', portalOffset: 20 },
  { name: 'volume2', kind: 'volume', portOffset: 5, host: 'host2', portalOffset: 21 },
  { name: 'volume3', kind: 'volume', portOffset: 7, host: 'host3', portalOffset: 22 },
];

const CONTROLLERS: readonly Member[] = [
  { name: 'scheduler1', kind: 'scheduler', portOffset: 2, host: 'scheduler1' },
  { name: 'scheduler2', kind: 'scheduler', portOffset: 3, host: 'scheduler2' },
  { name: 'api1', kind: 'api', portOffset: 0, host: 'api1' },
  { name: 'api2', kind: 'api', portOffset: 1, host: 'api2' },
];

/** Ports from the first member's to the last target daemon's. */
export const PORTS = 32;

/** The members of a cluster with one to three storage hosts. */
export function membersWith(storageHosts: number): readonly Member[] {
  return [...SERVERS, ...STORAGE_HOSTS.slice(0, storageHosts), ...CONTROLLERS];
}

export const MEMBERS = membersWith(2);

/** Each host's iSCSI portal. */
export const ISCSI_OFFSET: Readonly<Record<string, number>> = Object.fromEntries(
  MEMBERS.flatMap(({ host, portalOffset }) => (portalOffset === undefined ? [] : [[host, portalOffset]])),
);

export const isServer = ({ kind }: Member): boolean => kind === 'postgres' || kind === 'rabbit';

export function memberOf(name: string | undefined): Member {
  const member = MEMBERS.find((candidate) => candidate.name === name);
  if (!member) throw new Error(`name one of ${MEMBERS.map((candidate) => candidate.name).join(', ')}`);
  return member;
}
