import type { Checkpoint } from '@scoria/domain';
import type { ImageInfo } from '../image-info.js';
import type { Written } from '../transfer/block-writer.js';

/** How far an image has come: what was downloaded, and what of it was then converted. */
export interface FetchCheckpoint {
  /** What was downloaded, on the device or in the work file. On stable storage. */
  written?: Written | undefined;
  /** The work file that it passes through. */
  file?: string | undefined;
  /** Bytes of the device that hold the converted disk. On stable storage. */
  converted: number;
}

/** What makes an image another one although its id is the same. */
const identityOf = ({ id, sizeBytes, checksum, osHashValue, updatedAt }: ImageInfo): string =>
  [id, sizeBytes, checksum, osHashValue, updatedAt].join(' ');

/** What a checkpoint says of this image; as little as can be when it says nothing, or speaks of another. */
export function readFetchCheckpoint(image: ImageInfo, last: Checkpoint | undefined): FetchCheckpoint {
  if (last?.['image'] !== identityOf(image)) return { converted: 0 };
  const { written, file, converted } = last as unknown as FetchCheckpoint;
  return { written, file, converted };
}

export const fetchCheckpoint = (
  image: ImageInfo,
  { written, file, converted }: FetchCheckpoint,
): Checkpoint => ({
  image: identityOf(image),
  written,
  file,
  converted,
});
