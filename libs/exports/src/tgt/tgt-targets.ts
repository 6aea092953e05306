/** One target as `tgtadm --mode target --op show` prints it. */
export interface TgtTarget {
  tid: number;
  name: string;
  sessions: TgtSession[];
  luns: TgtLun[];
  /** User names, never passwords. With none, logins need no CHAP. */
  accounts: string[];
  /** Initiator names and addresses that may log in; any one that fits is enough. */
  acl: string[];
}

export interface TgtSession {
  sid: string;
  initiator: string;
  /** Connection ids. */
  connections: string[];
}

export interface TgtLun {
  lun: number;
  online: boolean;
  readOnly: boolean;
  thin: boolean;
  scsiId: string;
  /** Decimal megabytes, rounded as tgtadm rounds them. */
  megabytes: number;
  /** Path of the file or device; unset for the controller, LUN 0. */
  path: string | undefined;
}

const HEADER = /^Target (\d+): (.+)$/;

/** Lines after the sections that list one plain entry a line. */
const LISTS: Record<string, 'accounts' | 'acl'> = {
  'Account information:': 'accounts',
  'ACL information:': 'acl',
};

type LineReader = (target: TgtTarget, value: string) => void;

/** What a `Key: value` line sets. Keys not named here are not needed. */
const FIELDS: Record<string, LineReader> = {
  'I_T nexus': (target, sid) => target.sessions.push({ sid, initiator: '', connections: [] }),
  // Printed as `NAME alias: ALIAS`.
  Initiator: (target, value) => (target.sessions.at(-1)!.initiator = value.split(' ')[0]!),
  Connection: (target, cid) => target.sessions.at(-1)!.connections.push(cid),
  LUN: (target, lun) => target.luns.push(newLun(Number(lun))),
  'SCSI ID': (target, value) => (target.luns.at(-1)!.scsiId = value),
  // Printed as `1074 MB, Block size: 512`.
  Size: (target, value) => (target.luns.at(-1)!.megabytes = Number.parseInt(value, 10)),
  Online: (target, value) => (target.luns.at(-1)!.online = value === 'Yes'),
  Readonly: (target, value) => (target.luns.at(-1)!.readOnly = value === 'Yes'),
  'Thin-provisioning': (target, value) => (target.luns.at(-1)!.thin = value === 'Yes'),
  'Backing store path': (target, value) => (target.luns.at(-1)!.path = value === 'None' ? undefined : value),
};

/** Reads the list of targets. The format is tgt 1.0.85's; it has been the same since 1.0.51. */
export function parseTargets(text: string): TgtTarget[] {
  const targets: TgtTarget[] = [];
  let list: 'accounts' | 'acl' | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const header = HEADER.exec(raw);
    const target = targets.at(-1);
    if (header) {
      targets.push(newTarget(Number(header[1]), header[2]!));
      list = undefined;
    } else if (line in LISTS) {
      list = LISTS[line];
    } else if (target && line !== '') {
      if (list) target[list].push(line);
      else readField(target, line);
    }
  }
  return targets;
}

/** Reads `--mode account --op show`: a heading, then one user name a line. */
export function parseAccounts(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Reads `--mode portal --op show`: `Portal: ADDRESS:PORT,GROUP`, one a line. */
export function parsePortals(text: string): string[] {
  return [...text.matchAll(/^Portal: (\S+),\d+$/gm)].map((match) => match[1]!);
}

/** How tgtadm prints a size. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

function readField(target: TgtTarget, line: string): void {
  const colon = line.indexOf(':');
  if (colon > 0) FIELDS[line.slice(0, colon)]?.(target, line.slice(colon + 1).trim());
}

function newTarget(tid: number, name: string): TgtTarget {
  return { tid, name, sessions: [], luns: [], accounts: [], acl: [] };
}

function newLun(lun: number): TgtLun {
  return { lun, online: false, readOnly: false, thin: false, scsiId: '', megabytes: 0, path: undefined };
}
