/**
 * Cinder's host strings: `host@backend#pool`. A volume carries all three parts, a service the first two.
 * (Cinder behaviour: volume_utils.extract_host / append_host.)
 */
export interface BackendAddress {
  host: string;
  backend: string;
  pool?: string;
}

export function parseBackendAddress(text: string): BackendAddress | undefined {
  const match = /^([^@#]+)@([^@#]+)(?:#(.+))?$/.exec(text);
  if (!match) return undefined;
  const [, host, backend, pool] = match;
  return { host: host!, backend: backend!, ...(pool === undefined ? {} : { pool }) };
}

/** `host@backend`: names a volume service and its queue. */
export function backendName(address: Pick<BackendAddress, 'host' | 'backend'>): string {
  return `${address.host}@${address.backend}`;
}

/** `host@backend#pool`: names the place where a volume lives. */
export function poolAddress(backend: string, pool: string): string {
  return `${backend}#${pool}`;
}

/** The queue that schedulers share. */
export const SCHEDULER_QUEUE = 'scheduler';

/** The queue of the volume service that serves `host@backend`. */
export function volumeQueue(backend: string): string {
  return `volume.${backend}`;
}
