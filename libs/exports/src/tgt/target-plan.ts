import type { Chap } from '../export-protocol.js';
import type { BackingDevice } from './backing-device.js';
import * as tgt from './tgt-commands.js';
import { megabytes, type TgtLun, type TgtTarget } from './tgt-targets.js';

/** What a target should be. */
export interface WantedTarget {
  name: string;
  device: BackingDevice;
  readOnly: boolean;
  initiator: string;
  chap: Chap;
  /** Becomes the SCSI serial number and identifier: the same for all exports of one volume, never another's. */
  volumeId: string;
}

/** What the daemon has. */
export interface TgtState {
  targets: TgtTarget[];
  accounts: string[];
}

/** What is to be done, and what the daemon has when all of it was. */
export interface Plan {
  commands: tgt.TgtCommand[];
  /** Unset when only the daemon can tell. */
  after?: TgtTarget[];
}

/**
 * The commands that make the daemon's target equal to the wanted one; none when it is. They can be cut off anywhere
 * and planned again. Their order matters: the door opens last, when CHAP and the device are in place.
 */
export function planTarget(state: TgtState, wanted: WantedTarget): Plan {
  const found = state.targets.find((target) => target.name === wanted.name);
  const target = found ?? newTarget(state.targets, wanted.name);
  const accounts = planAccounts(state, target, wanted.chap);
  // While a target has no account it asks for no CHAP: nobody may come in before it has.
  const allowed = target.acl.filter((entry) => entry === wanted.initiator && accounts.length === 0);
  const commands = [
    ...(found ? [] : [tgt.newTarget(target.tid, target.name)]),
    ...target.acl.filter((entry) => !allowed.includes(entry)).map((entry) => tgt.forbid(target.tid, entry)),
    ...cutOthers(target, wanted.initiator),
    ...accounts,
    ...planLuns(target, wanted),
    ...(allowed.length > 0 ? [] : [tgt.allowInitiator(target.tid, wanted.initiator)]),
  ];
  const others = state.targets.filter(({ tid }) => tid !== target.tid);
  return { commands, after: [...others, asWanted(target, wanted)] };
}

/** The commands that end a target: closed to new logins before its CHAP goes, since without accounts tgt asks none. */
export function planRemoval(targets: readonly TgtTarget[], target: TgtTarget): Plan {
  const commands = [
    ...target.acl.map((entry) => tgt.forbid(target.tid, entry)),
    ...target.accounts.map((username) => tgt.deleteAccount(username)),
    tgt.deleteTarget(target.tid),
  ];
  return { commands, after: targets.filter(({ tid }) => tid !== target.tid) };
}

/** How tgtd lists it then. */
function asWanted({ tid, name, sessions, luns }: TgtTarget, wanted: WantedTarget): TgtTarget {
  const { device, readOnly, initiator, chap, volumeId } = wanted;
  const volume: TgtLun = {
    lun: tgt.VOLUME_LUN,
    online: true,
    readOnly,
    thin: device.discard,
    scsiId: volumeId,
    megabytes: megabytes(device.sizeBytes),
    path: device.path,
  };
  return {
    tid,
    name,
    sessions: sessions.filter((session) => session.initiator === initiator),
    luns: [...luns.filter(({ lun }) => lun === 0), volume],
    accounts: [chap.username],
    acl: [initiator],
  };
}

function cutOthers(target: TgtTarget, initiator: string): tgt.TgtCommand[] {
  return target.sessions
    .filter((session) => session.initiator !== initiator)
    .flatMap((session) => tgt.cutSession(target.tid, session));
}

/**
 * Old accounts go before the new one comes, so that a target never has two: when the first of two is deleted, tgtd
 * 1.0.85 refuses the second and crashes when its targets are listed.
 */
function planAccounts(state: TgtState, target: TgtTarget, chap: Chap): tgt.TgtCommand[] {
  if (target.accounts.length === 1 && target.accounts[0] === chap.username) return [];
  // Deleting another target's account would leave that target without CHAP.
  if (state.targets.some((other) => other.tid !== target.tid && other.accounts.includes(chap.username))) {
    throw new Error('the CHAP user name belongs to another target');
  }
  // An unbound one of that name was left by a run that was cut off, perhaps with another password.
  const leftover = state.accounts.filter((username) => username === chap.username);
  return [...new Set([...target.accounts, ...leftover])]
    .map((username) => tgt.deleteAccount(username))
    .concat(tgt.newAccount(chap), tgt.bindAccount(target.tid, chap.username));
}

function planLuns(target: TgtTarget, wanted: WantedTarget): tgt.TgtCommand[] {
  const others = target.luns.filter(({ lun }) => lun !== 0 && lun !== tgt.VOLUME_LUN);
  const lun = target.luns.find((each) => each.lun === tgt.VOLUME_LUN);
  return [
    ...others.map((other) => tgt.deleteLun(target.tid, other.lun)),
    ...planDevice(target.tid, lun, wanted.device),
    ...(lun && hasParameters(lun, wanted) ? [] : [tgt.updateLun(target.tid, parameters(wanted))]),
  ];
}

function planDevice(tid: number, lun: TgtLun | undefined, device: BackingDevice): tgt.TgtCommand[] {
  if (!lun) return [tgt.newLun(tid, device.path)];
  const served = lun.online && lun.path === device.path && lun.megabytes === megabytes(device.sizeBytes);
  return served ? [] : tgt.reopenLun(tid, device.path);
}

function hasParameters(lun: TgtLun, wanted: WantedTarget): boolean {
  return (
    lun.readOnly === wanted.readOnly && lun.thin === wanted.device.discard && lun.scsiId === wanted.volumeId
  );
}

/**
 * tgt derives the device's world-wide name (VPD page 0x83) from scsi_id. Its default comes from the target's number,
 * which is used again, and two hosts use the same ones: a client's multipath would take two volumes for one.
 */
function parameters(wanted: WantedTarget): Record<string, string> {
  return {
    readonly: wanted.readOnly ? '1' : '0',
    thin_provisioning: wanted.device.discard ? '1' : '0',
    scsi_id: wanted.volumeId,
    scsi_sn: wanted.volumeId,
    vendor_id: 'SCORIA',
    product_id: 'VOLUME',
  };
}

function newTarget(targets: TgtTarget[], name: string): TgtTarget {
  const taken = new Set(targets.map((target) => target.tid));
  let tid = 1;
  while (taken.has(tid)) tid++;
  return { tid, name, sessions: [], luns: [], accounts: [], acl: [] };
}
