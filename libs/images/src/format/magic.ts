interface Magic {
  format: string;
  offset: number;
  bytes: Buffer;
}

const magic = (format: string, offset: number, bytes: string): Magic => ({
  format,
  offset,
  bytes: Buffer.from(bytes, 'latin1'),
});

/** The marks by which `qemu-img` would know a format, from each format's own specification. */
const MAGICS: Magic[] = [
  magic('qcow2', 0, 'QFI\xfb'),
  magic('qed', 0, 'QED\0'),
  magic('vmdk', 0, 'KDMV'),
  magic('vmdk', 0, 'COWD'),
  magic('vmdk', 0, '# Disk DescriptorFile'),
  magic('vdi', 0x40, '\x7f\x10\xda\xbe'),
  magic('vhdx', 0, 'vhdxfile'),
  magic('vhd', 0, 'conectix'),
  magic('parallels', 0, 'WithoutFreeSpace'),
  magic('parallels', 0, 'WithouFreSpacExt'),
  magic('bochs', 0, 'Bochs Virtual HD Image'),
  magic('cloop', 0, '#!/bin/sh\n#V2.0 Format\nmodprobe cloop'),
];

/** Bytes of an image's beginning that `detectFormat` looks at, at most. */
export const MAGIC_BYTES = 512;

/**
 * The disk format that the beginning of an image shows; `raw` when none. A raw image that shows another is refused: it
 * would be taken for the other one wherever somebody guesses, and could then name files of the host as its own
 * (OSSA-2024-001). Filesystems and encrypted disks (LUKS) are contents, and stay raw.
 */
export function detectFormat(head: Buffer): string {
  const found = MAGICS.find(({ offset, bytes }) =>
    head.subarray(offset, offset + bytes.length).equals(bytes),
  );
  return found?.format ?? 'raw';
}
