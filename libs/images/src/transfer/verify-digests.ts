import { getHashes } from 'node:crypto';
import { Fault } from '@scoria/domain';
import type { ImageInfo } from '../image-info.js';

const KNOWN = new Set(getHashes());

/** The hashes by which an image can be verified; none when the service names none that OpenSSL knows. */
export function algorithmsOf(image: ImageInfo): string[] {
  return Object.keys(expected(image));
}

/**
 * @throws Fault `badGateway` when the bytes that came are not the image's: another try may bring better ones
 */
export function verifyDigests(image: ImageInfo, bytes: number, digests: Record<string, string>): void {
  const wrong = Object.entries(expected(image)).find(([algorithm, value]) => digests[algorithm] !== value);
  const reason =
    bytes !== image.sizeBytes
      ? `${bytes} bytes came of ${image.sizeBytes}`
      : wrong && `its ${wrong[0]} is ${digests[wrong[0]]}, not ${wrong[1]}`;
  if (reason) {
    throw new Fault('badGateway', `Image ${image.id} was damaged on its way from the image service.`, {
      cause: new Error(reason),
      detail: 'signatureVerificationFailed',
    });
  }
}

function expected({ checksum, osHashAlgo, osHashValue }: ImageInfo): Record<string, string> {
  return {
    ...(checksum ? { md5: checksum.toLowerCase() } : {}),
    ...(osHashAlgo && osHashValue && KNOWN.has(osHashAlgo)
      ? { [osHashAlgo]: osHashValue.toLowerCase() }
      : {}),
  };
}
