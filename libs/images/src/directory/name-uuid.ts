import { createHash } from 'node:crypto';

/** The namespace of image files' names; made once, at random. */
const NAMESPACE = Buffer.from('6d1f5b0c9a4e4c5fb0d7c2e1a83f4710', 'hex');

/** The UUID, version 5 (RFC 9562 §5.5), that stands for a file name: the same on every machine. */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
