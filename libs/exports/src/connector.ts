import { Fault } from '@scoria/domain';

/**
 * What a client tells of the host that wants the volume (cinder-map §4.4). Only the listed keys are read here; the
 * rest is kept as it came.
 */
export interface Connector {
  /** The client's host name. */
  host?: string;
  /** The IQN, EUI or NAA name of its iSCSI initiator. */
  initiator?: string;
  /** Whether it can use several portals at once. */
  multipath?: boolean;
  [key: string]: unknown;
}

/** Bytes of JSON. A connector with every optional list os-brick fills in is below 4 KiB. */
export const MAX_CONNECTOR_BYTES = 16 * 1024;

/** RFC 3720 §3.2.6.3; 223 bytes are the longest name. A name with a comma would end tgtadm's parameter. */
const ISCSI_NAME =
  /^(iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(:[^\s,]+)?|eui\.[0-9A-Fa-f]{16}|naa\.[0-9A-Fa-f]{16,32})$/;
const MAX_ISCSI_NAME_BYTES = 223;
const MAX_HOST_LENGTH = 255;

/** @throws Fault badRequest when this is not a JSON object of at most 16 KiB */
export function parseConnector(value: unknown): Connector {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('badRequest', 'The connector must be an object.');
  }
  if (Buffer.byteLength(JSON.stringify(value)) > MAX_CONNECTOR_BYTES) {
    throw new Fault('badRequest', `The connector is larger than ${MAX_CONNECTOR_BYTES} bytes.`);
  }
  return value as Connector;
}

/** @throws Fault badRequest when the connector lacks a usable iSCSI name */
export function requireInitiator(connector: Connector): string {
  const { initiator } = parseConnector(connector);
  if (initiator === undefined || initiator === null || initiator === '') throw missing('initiator');
  if (!isIscsiName(initiator)) throw new Fault('badRequest', "The connector's initiator is no iSCSI name.");
  return initiator;
}

/** @throws Fault badRequest when the connector lacks a host name */
export function requireHost(connector: Connector): string {
  const { host } = parseConnector(connector);
  if (host === undefined || host === null || host === '') throw missing('host');
  if (typeof host !== 'string' || host.length > MAX_HOST_LENGTH) {
    throw new Fault(
      'badRequest',
      `The connector's host must be a string of at most ${MAX_HOST_LENGTH} characters.`,
    );
  }
  return host;
}

export function isIscsiName(name: unknown): name is string {
  return typeof name === 'string' && Buffer.byteLength(name) <= MAX_ISCSI_NAME_BYTES && ISCSI_NAME.test(name);
}

/** Cinder's words for it (InvalidConnectorException), which clients show. */
function missing(key: string): Fault {
  return new Fault('badRequest', `Connector doesn't have required information: ${key}`);
}
