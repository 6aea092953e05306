/** Who is in the cluster, and on which port counted from the base. All on loopback. */
export type MemberKind = 'postgres' | 'rabbit' | 'api' | 'scheduler' | 'volume';

export interface Member {
  name: string;
  kind: MemberKind;
  /** Where it answers: AMQP, PostgreSQL, the API, or the probes of a service. */
  portOffset: number;
  /** The `host` of a service. */
  host: string;
}

export const MEMBERS: readonly Member[] = [
  { name: 'postgres', kind: 'postgres', portOffset: 10, host: 'localhost' },
  { name: 'rabbit', kind: 'rabbit', portOffset: 11, host: 'localhost' },
  { name: 'volume1', kind: 'volume', portOffset: 4, host: 'host1' },
  { name: 'volume2', kind: 'volume', portOffset: 5, host: 'host2' },
  { name: 'scheduler1', kind: 'scheduler', portOffset: 2, host: 'scheduler1' },
  { name: 'scheduler2', kind: 'scheduler', portOffset: 3, host: 'scheduler2' },
  { name: 'api1', kind: 'api', portOffset: 0, host: 'api1' },
  { name: 'api2', kind: 'api', portOffset: 1, host: 'api2' },
];

/** Each host's iSCSI portal. */
export const ISCSI_OFFSET: Readonly<Record<string, number>> = { host1: 20, host2: 21 };

export const isServer = ({ kind }: Member): boolean => kind === 'postgres' || kind === 'rabbit';

export function memberOf(name: string | undefined): Member {
  const member = MEMBERS.find((candidate) => candidate.name === name);
  if (!member) throw new Error(`name one of ${MEMBERS.map((candidate) => candidate.name).join(', ')}`);
  return member;
}
