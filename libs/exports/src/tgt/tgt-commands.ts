import type { Chap } from '../export-protocol.js';
import { isIscsiName } from '../connector.js';
import type { TgtSession } from './tgt-targets.js';

/** The arguments of one tgtadm command. */
export interface TgtCommand {
  args: string[];
  /** Parts of the arguments that must not be shown. */
  secrets?: string[];
}

/** The LUN of every volume. LUN 0 is the controller that tgt adds by itself. */
export const VOLUME_LUN = 1;

export const showTargets: TgtCommand = command('target', 'show');
export const showAccounts: TgtCommand = command('account', 'show');
export const showPortals: TgtCommand = command('portal', 'show');

export function showSessions(tid: number): TgtCommand {
  return command('conn', 'show', '--tid', String(tid));
}

/** Ends tgtd; refused while it has targets. */
export const endDaemon: TgtCommand = command('system', 'delete');

export function newTarget(tid: number, name: string): TgtCommand {
  return command('target', 'new', '--tid', String(tid), '--targetname', name);
}

/** `--force`: sessions are cut off. */
export function deleteTarget(tid: number): TgtCommand {
  return command('target', 'delete', '--force', '--tid', String(tid));
}

/**
 * The password is an argument, since tgtadm reads it from nowhere else: for the milliseconds that tgtadm runs, any
 * user of this machine can see it in /proc unless that is mounted with hidepid=2.
 */
export function newAccount(chap: Chap): TgtCommand {
  const args = command('account', 'new', '--user', chap.username, '--password', chap.password).args;
  return { args, secrets: [chap.password] };
}

export function bindAccount(tid: number, username: string): TgtCommand {
  return command('account', 'bind', '--tid', String(tid), '--user', username);
}

/** Takes it off every target too. A target left without accounts asks for no CHAP: close its ACL first. */
export function deleteAccount(username: string): TgtCommand {
  return command('account', 'delete', '--user', username);
}

export function newLun(tid: number, path: string): TgtCommand {
  const lun = ['--tid', String(tid), '--lun', String(VOLUME_LUN)];
  return command('logicalunit', 'new', ...lun, '--backing-store', path, '--bstype', 'rdwr');
}

export function deleteLun(tid: number, lun: number): TgtCommand {
  return command('logicalunit', 'delete', '--tid', String(tid), '--lun', String(lun));
}

export function updateLun(tid: number, params: Record<string, string>): TgtCommand {
  const text = Object.entries(params).map(([key, value]) => `${key}=${value}`);
  const lun = ['--tid', String(tid), '--lun', String(VOLUME_LUN)];
  return command('logicalunit', 'update', ...lun, '--params', text.join(','));
}

/** Opens the device anew, which is how tgtd learns its size. Refused unless the LUN is offline; sessions stay. */
export function reopenLun(tid: number, path: string): TgtCommand[] {
  return [updateLun(tid, { online: '0' }), updateLun(tid, { path })];
}

/** By name alone: tgt lets in whoever fits any one entry, so an address would open the target to its whole host. */
export function allowInitiator(tid: number, initiator: string): TgtCommand {
  return command('target', 'bind', '--tid', String(tid), '--initiator-name', initiator);
}

export function forbid(tid: number, entry: string): TgtCommand {
  const kind = isIscsiName(entry) ? '--initiator-name' : '--initiator-address';
  return command('target', 'unbind', '--tid', String(tid), kind, entry);
}

export function cutSession(tid: number, session: TgtSession): TgtCommand[] {
  return session.connections.map((cid) =>
    command('conn', 'delete', '--tid', String(tid), '--sid', session.sid, '--cid', cid),
  );
}

function command(mode: string, op: string, ...rest: string[]): TgtCommand {
  return { args: ['--lld', 'iscsi', '--mode', mode, '--op', op, ...rest] };
}
