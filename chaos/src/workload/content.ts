/**
 * What a volume holds, as far as it is looked at: the byte that fills each of three places, one of them at a place that
 * no large block size divides. A volume that nobody wrote to holds zeros.
 */
export type Content = readonly [number, number, number];

export const PLACES = [0, 2 ** 20 + 4096, 2 ** 29] as const;
export const PLACE_BYTES = 64 * 1024;

/** Where the last block of so many GiB is: beyond all places, so that zeros are there until a check writes to it. */
export const endOf = (gib: number): number => gib * 2 ** 30 - PLACE_BYTES;

export const ZEROS: Content = [0, 0, 0];
/** Of the image that volumes are made of; it is too small for the third place. */
export const IMAGE_CONTENT: Content = [0x5a, 0xa5, 0];

/** The commands of qemu-io that write what differs; on disk when done. */
export function writeCommands(content: Content): string[] {
  return [...commandsOf(content, 'write'), 'flush'];
}

/** The commands of qemu-io that fail where something else is read. */
export function readCommands(content: Content): string[] {
  return commandsOf(content, 'read');
}

/** The commands of qemu-io that find zeros in the last block of a volume, and can write there. */
export function endCommands(gib: number): string[] {
  const block = `${endOf(gib)} ${PLACE_BYTES}`;
  return [`read -P 0 ${block}`, `write -P ${END_BYTE} ${block}`, 'flush', `read -P ${END_BYTE} ${block}`];
}

const END_BYTE = 0x7e;

function commandsOf(content: Content, verb: 'read' | 'write'): string[] {
  return content.map((byte, place) => `${verb} -P ${byte} ${PLACES[place]} ${PLACE_BYTES}`);
}
