import { readFile, stat } from 'node:fs/promises';
import { Fault } from '@scoria/domain';

export interface BackingDevice {
  path: string;
  sizeBytes: number;
  /** Whether tgtd can free blocks: it punches holes into files, and fails on block devices ("Remote I/O error"). */
  discard: boolean;
}

const GIB = 1024 ** 3;
/** Sectors in /sys are 512 bytes, whatever the device's own are. */
const SYS_SECTOR_BYTES = 512;
/** tgtd takes requests of 1,024 bytes, in which a comma or a line's end would start another parameter. */
const DEVICE_PATH = /^\/[^,\p{Cc}]{1,800}$/u;

/**
 * Looks at what is to be served.
 *
 * @param sizeGib the volume's size; a device of managed storage may be less than 1 GiB smaller, since Cinder's
 *   sizes are rounded up
 * @throws Fault internal when it is missing, of another kind, or smaller than that
 */
export async function inspectDevice(path: string, sizeGib: number): Promise<BackingDevice> {
  if (!DEVICE_PATH.test(path)) throw unusable('its path cannot be handed to tgtd');
  const found = await stat(path).catch((cause: unknown) => {
    throw unusable('it cannot be looked at', cause);
  });
  if (!found.isFile() && !found.isBlockDevice()) throw unusable('it is neither a file nor a block device');
  const sizeBytes = found.isFile() ? found.size : await blockDeviceBytes(found.rdev);
  if (sizeBytes <= (sizeGib - 1) * GIB) throw unusable(`it has ${sizeBytes} bytes, and not ${sizeGib} GiB`);
  return { path, sizeBytes, discard: found.isFile() };
}

async function blockDeviceBytes(rdev: number): Promise<number> {
  // How Linux packs device numbers into st_rdev (makedev(3)), for the 32 bits in use.
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  const sectors = await readFile(`/sys/dev/block/${major}:${minor}/size`, 'utf8');
  return Number(sectors) * SYS_SECTOR_BYTES;
}

function unusable(why: string, cause?: unknown): Fault {
  return new Fault('internal', "The volume's device cannot be exported.", {
    cause: new Error(why, cause === undefined ? undefined : { cause }),
  });
}
