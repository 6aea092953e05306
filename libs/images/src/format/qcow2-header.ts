/** What a qcow2 header says (QEMU's docs/interop/qcow2). */
export interface Qcow2Header {
  version: number;
  virtualSizeBytes: number;
  hasBackingFile: boolean;
  /** Its bytes are in another file. */
  hasDataFile: boolean;
  isEncrypted: boolean;
}

const MAGIC = 0x514649fb;
const OFFSET = { version: 4, backingFile: 8, size: 24, cryptMethod: 32, incompatibleFeatures: 72 };
const V2_HEADER_BYTES = 72;
const V3_HEADER_BYTES = 104;
const EXTERNAL_DATA_FILE = 1n << 2n;

/**
 * Reads the header ourselves, so that what a hostile image could abuse is known before any program opens it.
 *
 * @returns undefined when it is no qcow2 header of version 2 or 3
 */
export function parseQcow2Header(head: Buffer): Qcow2Header | undefined {
  if (head.length < V2_HEADER_BYTES || head.readUInt32BE(0) !== MAGIC) return undefined;
  const version = head.readUInt32BE(OFFSET.version);
  if (version !== 2 && (version !== 3 || head.length < V3_HEADER_BYTES)) return undefined;
  const features = version === 3 ? head.readBigUInt64BE(OFFSET.incompatibleFeatures) : 0n;
  return {
    version,
    virtualSizeBytes: Number(head.readBigUInt64BE(OFFSET.size)),
    hasBackingFile: head.readBigUInt64BE(OFFSET.backingFile) !== 0n,
    hasDataFile: (features & EXTERNAL_DATA_FILE) !== 0n,
    isEncrypted: head.readUInt32BE(OFFSET.cryptMethod) !== 0,
  };
}
