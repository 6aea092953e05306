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

/**
 * A target whose part of the list is not as tgtd prints it: most likely, one of its sessions imitates the list. Its
 * number and name are tgtd's own, and nothing that comes after them can be believed.
 */
export class UnreadableTargetError extends Error {
  constructor(
    readonly tid: number,
    readonly targetName: string,
  ) {
    super(`what tgtd lists of target ${tid} (${targetName}) is not of the form that it has`);
  }
}

const HEAD = rows(
  'Target (\\d+): (.+)',
  '    System information:',
  '        Driver: \\w+',
  '        State: (?:ready|offline)',
  '(?:        Nop interval: \\d+\n        Nop count: \\d+\n)?    I_T nexus information:',
);
const NEXUS = rows(
  '        I_T nexus: (\\d+)',
  '            Initiator: (.*?) alias: .*',
  '            Connection: (\\d+)',
  // The client's address; empty when its socket is closed already.
  '                .*',
);
const LUNS = rows('    LUN information:');
const LUN = rows(
  '        LUN: (\\d+)',
  '            Type: .+',
  '            SCSI ID: (.+)',
  '            SCSI SN: .+',
  '            Size: (\\d+) MB, Block size: \\d+',
  '            Online: (Yes|No)',
  '            Removable media: (?:Yes|No)',
  '            Prevent removal: (?:Yes|No)',
  '            Readonly: (Yes|No)',
  '            SWP: (?:Yes|No)',
  '            Thin-provisioning: (Yes|No)',
  '            Backing store type: .+',
  '            Backing store path: (.+)',
  '            Backing store flags: .*',
);
const ACCOUNTS = rows('    Account information:');
const ACL = rows('    ACL information:');
const ENTRY = rows('        (\\S.*)');

/**
 * Reads the list of targets. The form is the same, to the letter, in tgt 1.0.51 to 1.0.97.
 *
 * Of each session tgtd prints an alias that the client chooses: up to a kilobyte of anything, lines included, in which
 * a client could print targets of its own. So all lines must be there, each in its place. To end its own target and
 * begin another one, an alias then needs more than tgtd keeps of a session (1,023 bytes): a target with sessions has
 * the controller and a volume, whose lines alone are 800 bytes. What a client can do is to make its own target
 * unreadable.
 *
 * @throws UnreadableTargetError for the first target that is not of this form
 */
export function parseTargets(text: string): TgtTarget[] {
  const scanner = new Scanner(text);
  const targets: TgtTarget[] = [];
  while (!scanner.atEnd) {
    const before = targets.at(-1);
    const head = scanner.take(HEAD);
    // tgtd keeps its targets sorted. A head that is not one was made by a session of the target before.
    if (!head || (before && Number(head[1]) <= before.tid)) throw unreadable(before);
    targets.push(readTarget(scanner, Number(head[1]), head[2]!));
  }
  return targets;
}

/** Reads `--mode conn --op show --tid TID`. It shows no aliases: an initiator's name was compared with the ACL. */
export function parseSessions(text: string): TgtSession[] {
  const connections = [...text.matchAll(/^Session: (\d+)\n {4}Connection: (\d+)\n {8}Initiator: (.*)$/gm)];
  return connections.map(([, sid, cid, initiator]) => ({
    sid: sid!,
    initiator: initiator!,
    connections: [cid!],
  }));
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

/** What follows a target's head. */
function readTarget(scanner: Scanner, tid: number, name: string): TgtTarget {
  const sessions = scanner.takeAll(NEXUS).map(([, sid, initiator, cid]) => ({
    sid: sid!,
    initiator: initiator!,
    connections: [cid!],
  }));
  const hasLuns = scanner.take(LUNS);
  const luns = scanner.takeAll(LUN).map(readLun);
  const hasAccounts = scanner.take(ACCOUNTS);
  const accounts = scanner.takeAll(ENTRY).map(([, username]) => username!);
  const hasAcl = scanner.take(ACL);
  const acl = scanner.takeAll(ENTRY).map(([, entry]) => entry!);
  const hasDevices = luns[0]?.lun === 0 && (sessions.length === 0 || luns.length > 1);
  if (!hasLuns || !hasDevices || !hasAccounts || !hasAcl) throw new UnreadableTargetError(tid, name);
  return { tid, name, sessions, luns, accounts, acl };
}

function readLun([, lun, scsiId, size, online, readOnly, thin, path]: RegExpExecArray): TgtLun {
  return {
    lun: Number(lun),
    online: online === 'Yes',
    readOnly: readOnly === 'Yes',
    thin: thin === 'Yes',
    scsiId: scsiId!,
    megabytes: Number(size),
    path: path === 'None' ? undefined : path,
  };
}

function unreadable(target: TgtTarget | undefined): Error {
  if (target) return new UnreadableTargetError(target.tid, target.name);
  return new Error('what tgtd lists is not of the form that it has');
}

/** Whole lines, to be looked for where reading has come to. */
function rows(...lines: string[]): RegExp {
  return new RegExp(lines.map((line) => `${line}\n`).join(''), 'y');
}

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.at === this.text.length;
  }

  take(expected: RegExp): RegExpExecArray | undefined {
    expected.lastIndex = this.at;
    const found = expected.exec(this.text);
    if (!found) return undefined;
    this.at = expected.lastIndex;
    return found;
  }

  takeAll(expected: RegExp): RegExpExecArray[] {
    const all: RegExpExecArray[] = [];
    for (let found; (found = this.take(expected));) all.push(found);
    return all;
  }
}
