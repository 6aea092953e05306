import { Fault } from '@scoria/domain';
import type { ImageInfo } from '../image-info.js';
import { detectFormat } from './magic.js';
import { parseQcow2Header } from './qcow2-header.js';

const GIB = 1024 ** 3;
/** What a volume can be made of and an image be made as. Other formats can name files of the host as their own. */
export const DISK_FORMATS = ['raw', 'qcow2'];
const CONTAINER_FORMATS = ['bare', ''];

export interface VolumeBounds {
  sizeGib: number;
  /** GiB; the limit whatever the volume's size. */
  maxVirtualSizeGib: number;
}

/**
 * Whether a volume of that size can be made of the image, as far as its description tells: for the API to refuse at
 * once, and for the volume service to make sure.
 *
 * @throws Fault `badRequest`
 */
export function checkImage(image: ImageInfo, bounds: VolumeBounds): void {
  if (image.status !== 'active') {
    throw new Fault('badRequest', `Image ${image.id} is not active.`);
  }
  if (!DISK_FORMATS.includes(image.diskFormat) || !CONTAINER_FORMATS.includes(image.containerFormat)) {
    throw unacceptable(
      image,
      `${image.diskFormat} in ${image.containerFormat || 'no container'} is not supported`,
    );
  }
  if (image.minDiskGib > bounds.sizeGib) {
    throw new Fault(
      'badRequest',
      `Volume size ${bounds.sizeGib}GB cannot be smaller than the image minDisk size ${image.minDiskGib}GB.`,
    );
  }
  checkFits(image, image.sizeBytes, bounds, image.diskFormat === 'raw');
  if (image.virtualSizeBytes !== undefined) checkFits(image, image.virtualSizeBytes, bounds, true);
}

/**
 * Whether the first bytes of an image are what its description says, and harmless.
 *
 * @throws Fault `badRequest`
 */
export function checkHead(image: ImageInfo, head: Buffer, bounds: VolumeBounds): void {
  const format = detectFormat(head);
  if (format !== image.diskFormat) throw unacceptable(image, `it is ${format} and says ${image.diskFormat}`);
  if (format !== 'qcow2') return;
  const header = parseQcow2Header(head);
  if (header === undefined) throw unacceptable(image, 'its qcow2 header is not readable');
  if (header.hasBackingFile) throw unacceptable(image, 'it has a backing file');
  if (header.hasDataFile) throw unacceptable(image, 'it has an external data file');
  if (header.isEncrypted) throw unacceptable(image, 'it is encrypted');
  checkFits(image, header.virtualSizeBytes, bounds, true);
}

/** @param isDisk whether `bytes` is the size of the disk; else of a file, that may be a little larger than its disk */
function checkFits(image: ImageInfo, bytes: number, bounds: VolumeBounds, isDisk: boolean): void {
  const gib = Math.ceil(bytes / GIB);
  if (isDisk && gib > bounds.sizeGib) {
    throw new Fault(
      'badRequest',
      `Size of specified image ${gib}GB is larger than volume size ${bounds.sizeGib}GB.`,
      { detail: 'notEnoughSpaceForImage' },
    );
  }
  if (gib > bounds.maxVirtualSizeGib)
    throw unacceptable(image, `it is larger than ${bounds.maxVirtualSizeGib} GiB`);
}

export function unacceptable(image: ImageInfo, reason: string): Fault {
  return new Fault('badRequest', `Image ${image.id} is unacceptable: ${reason}.`, {
    detail: 'imageFormatUnacceptable',
  });
}
