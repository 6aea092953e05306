import { isIP } from 'node:net';
import { ConfigError } from '@scoria/config';

export interface TgtExportOptions {
  /** The IP address that tgtd listens on and that clients are told. */
  portalAddress: string;
  portalPort: number;
  /** tgtadm's `-C`: the number that ends the control socket's name. */
  controlPort: number;
  /** A directory of this back end alone, kept over restarts: holds the daemon's control socket and log. */
  stateDir: string;
  /** What target names start with, before the attachment's id. */
  targetPrefix: string;
  /**
   * true: a tgtd of our own in `stateDir`. false: the machine's tgtd, started by others at tgt's own socket, which
   * only root may command; its portal must be the one above.
   */
  startDaemon: boolean;
}

export const DEFAULT_TARGET_PREFIX = 'iqn.2010-10.org.openstack:';

const TARGET_PREFIX = /^iqn\.\d{4}-\d{2}\.[a-z0-9.-]+(:[a-z0-9.:-]*)?$/;
/** 223 bytes are the longest iSCSI name, 36 of them the attachment's id. */
const MAX_PREFIX_LENGTH = 187;
/** A socket's path has 108 bytes, and tgtd appends the number and `.lock`. */
const MAX_STATE_DIR_LENGTH = 80;
const MAX_PORT = 65_535;
/** tgtd refuses more. */
const MAX_CONTROL_PORT = 32_767;

/** @throws ConfigError that names each option that cannot work by its path */
export function checkTgtOptions(options: TgtExportOptions): TgtExportOptions {
  const { portalAddress, portalPort, controlPort, stateDir, targetPrefix } = options;
  const wrong: [boolean, string][] = [
    [isIP(portalAddress) === 0, 'volume.iscsi.portalAddress: must be an IP address'],
    [!isBetween(portalPort, 1, MAX_PORT), `volume.iscsi.portalPort: must be from 1 to ${MAX_PORT}`],
    [
      !isBetween(controlPort, 0, MAX_CONTROL_PORT),
      `volume.iscsi.controlPort: must be from 0 to ${MAX_CONTROL_PORT}`,
    ],
    [
      !/^\/[^,\s]+$/.test(stateDir),
      'volume.stateDir: must make an absolute path without spaces and commas for iSCSI',
    ],
    [
      Buffer.byteLength(stateDir) > MAX_STATE_DIR_LENGTH,
      `volume.stateDir: makes a path of more than ${MAX_STATE_DIR_LENGTH} bytes for iSCSI`,
    ],
    [!TARGET_PREFIX.test(targetPrefix), 'volume.iscsi.targetPrefix: must be the beginning of an IQN'],
    [
      targetPrefix.length > MAX_PREFIX_LENGTH,
      `volume.iscsi.targetPrefix: must be ${MAX_PREFIX_LENGTH} characters at most`,
    ],
  ];
  const problems = wrong.filter(([is]) => is).map(([, problem]) => problem);
  if (problems.length > 0) throw new ConfigError(problems);
  return options;
}

/** `address:port`, as tgtd prints it and clients expect it. */
export function portalOf({ portalAddress, portalPort }: TgtExportOptions): string {
  return `${isIP(portalAddress) === 6 ? `[${portalAddress}]` : portalAddress}:${portalPort}`;
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
