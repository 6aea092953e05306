import type { ServedExport } from '../export-protocol.js';
import { VOLUME_LUN } from './tgt-commands.js';
import type { TgtTarget } from './tgt-targets.js';

/** What a target is as an export. It is complete when its client, and nobody else, gets in, proves itself and finds the volume. */
export function describeServed(target: TgtTarget): Omit<ServedExport, 'attachmentId'> {
  const { name, luns, accounts, sessions } = target;
  const volume = luns.find(({ lun }) => lun === VOLUME_LUN);
  const [initiator] = target.acl;
  const isOpen = initiator !== undefined && isOpenTo(target, initiator) && accounts.length === 1;
  const isAlone = sessions.every((session) => session.initiator === initiator);
  if (!isOpen || !isAlone || !volume?.online || volume.path === undefined) return { name, complete: false };
  return { name, complete: true, initiator };
}

/** Whether that initiator alone may log in. */
export const isOpenTo = ({ acl }: TgtTarget, initiator: string): boolean =>
  acl.length === 1 && acl[0] === initiator;
