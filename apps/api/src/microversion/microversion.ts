import { Fault } from '@scoria/domain';

/** A microversion as it is written, e.g. `3.27`. */
export type Version = `3.${number}`;

export const MIN_VERSION: Version = '3.0';
export const MAX_VERSION: Version = '3.71';

/** The part after the dot; the major version is always 3. */
export const minorOf = (version: Version): number => Number(version.slice(2));

const SERVICE = 'volume';

/**
 * The minor version that `OpenStack-API-Version` asks for (cinder-map §0). The header may name several services; only
 * `volume` counts. Without the header it is 3.0.
 *
 * @throws Fault `badRequest` for a header that cannot be read or names no `volume`, `notAcceptable` when out of range
 */
export function negotiate(header: string | undefined): number {
  if (header === undefined || header.trim() === '') return minorOf(MIN_VERSION);
  const asked = header
    .split(',')
    .map((entry) => entry.trim().split(/\s+/))
    .find(([service]) => service?.toLowerCase() === SERVICE);
  if (!asked) {
    throw new Fault('badRequest', `The header OpenStack-API-Version names no version of ${SERVICE}.`);
  }
  const text = asked.slice(1).join(' ');
  if (text.toLowerCase() === 'latest') return minorOf(MAX_VERSION);
  const match = /^(\d{1,9})\.(0|[1-9]\d{0,8})$/.exec(text);
  if (!match) {
    throw new Fault(
      'badRequest',
      `API Version String '${text.slice(0, 40)}' is of invalid format. It must be MajorNum.MinorNum.`,
    );
  }
  const minor = Number(match[2]);
  if (match[1] !== '3' || minor > minorOf(MAX_VERSION)) {
    throw new Fault(
      'notAcceptable',
      `Version ${text} is not supported by the API. Minimum is ${MIN_VERSION} and maximum is ${MAX_VERSION}.`,
    );
  }
  return minor;
}
