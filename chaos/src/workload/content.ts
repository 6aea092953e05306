/**
 * What a volume holds, as far as it is looked at: the byte that fills each of three places, one of them at a place that
 * no large block size divides. A volume that nobody wrote to holds zeros.
 */
export type Content = readonly [number, number, number];

export const PLACES = [0, 2 ** 20 + 4096, 2 ** 29] as const;
export const PLACE_BYTES = 64 * 1024;

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

function commandsOf(content: Content, verb: 'read' | 'write'): string[] {
  return content.map((byte, place) => `${verb} -P ${byte} ${PLACES[place]} ${PLACE_BYTES}`);
}
