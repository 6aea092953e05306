import { Fault } from '@scoria/domain';
import type { ExtraSpecs, LockedType } from '@scoria/store';

const TRUE = /^<is>\s+true$/i;
const isTrue = (spec: string | null | undefined): boolean => TRUE.test(spec?.trim() ?? '');

/**
 * A volume that several hosts write must not be cached by one of them (Cinder behaviour).
 *
 * @throws Fault `badRequest`
 */
export function refuseContradiction({ multiattach, cacheable }: ExtraSpecs): void {
  if (isTrue(multiattach) && isTrue(cacheable)) {
    throw new Fault('badRequest', 'multiattach and cacheable cannot both be true in one volume type.');
  }
}

/**
 * Volumes were placed by the specs as they are.
 *
 * @throws Fault `badRequest`
 */
export function refuseWhileInUse({ inUse, id }: LockedType): void {
  if (inUse) {
    throw new Fault(
      'badRequest',
      `Volume Type ${id} is currently in use: its extra specs cannot be changed while volumes have it.`,
    );
  }
}
