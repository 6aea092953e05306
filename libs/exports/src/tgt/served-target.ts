import type { ServedExport } from '../export-protocol.js';
import { VOLUME_LUN } from './tgt-commands.js';
import type { TgtTarget } from './tgt-targets.js';

/** What a target is as an export. It is complete when a client gets in, proves itself and finds the volume. */
export function describeServed({ name, luns, accounts, acl }: TgtTarget): Omit<ServedExport, 'attachmentId'> {
  const volume = luns.find(({ lun }) => lun === VOLUME_LUN);
  const [initiator] = acl;
  const isOpen = initiator !== undefined && acl.length === 1 && accounts.length === 1;
  if (!isOpen || !volume?.online || volume.path === undefined) return { name, complete: false };
  return { name, complete: true, initiator };
}
