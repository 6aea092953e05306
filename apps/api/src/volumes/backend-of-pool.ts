import { Fault, backendName, parseBackendAddress } from '@scoria/domain';

/** `host@backend` of `host@backend#pool`. */
export function backendOfPool(pool: string): string {
  const address = parseBackendAddress(pool);
  if (!address) throw new Fault('internal', `${pool} is not the address of a pool.`);
  return backendName(address);
}
