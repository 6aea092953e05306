import { createHash } from 'node:crypto';
import { fdatasyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread of `block-writer.ts`: hashes and writes one block after the other. */
export interface WriterSettings {
  fd: number;
  algorithms: string[];
  setLength: boolean;
}

/** The beginning of a target: its length, and its hashes in hexadecimal by algorithm. */
export interface Written {
  bytes: number;
  digests: Record<string, string>;
}

export type WriterInput =
  | { buffer: ArrayBuffer; length: number }
  /** Go on after that much, if the target still begins so. */
  | { resume: Written }
  /** Bring what came so far to stable storage. */
  | 'sync'
  | 'end';

export type WriterOutput =
  | { freed: ArrayBuffer }
  /** The answer to everything else. */
  | { written: Written }
  | { code: string | undefined; message: string };

/** Zeros are looked for in pieces of this size: a common size of a thin pool's chunk. */
const PIECE = 64 * 1024;
const ZEROS = Buffer.alloc(PIECE);
const READ_BYTES = 1024 * 1024;

const { fd, algorithms, setLength } = workerData as WriterSettings;
const newHashes = () => algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
const found = Buffer.alloc(PIECE);
let hashes = newHashes();
let position = 0;
let failed = false;

parentPort!.on('message', (message: WriterInput) => {
  if (failed) return;
  try {
    if (message === 'sync') sync();
    else if (message === 'end') finish();
    else if ('resume' in message) resume(message.resume);
    else take(message.buffer, message.length);
  } catch (error) {
    failed = true;
    answer({ code: (error as NodeJS.ErrnoException).code, message: (error as Error).message });
  }
});

function take(buffer: ArrayBuffer, length: number): void {
  const block = Buffer.from(buffer, 0, length);
  for (const { hash } of hashes) hash.update(block);
  for (let start = 0; start < length; start += PIECE) {
    const piece = block.subarray(start, start + PIECE);
    if (!isZero(piece) || !readsZero(piece.length, position + start)) writeAll(piece, position + start);
  }
  position += length;
  answer({ freed: buffer }, [buffer]);
}

/** Reads what is said to be there. What the target does not hold any more is written anew from the beginning. */
function resume({ bytes, digests }: Written): void {
  const block = Buffer.alloc(READ_BYTES);
  while (position < bytes) {
    const count = readSync(fd, block, 0, Math.min(READ_BYTES, bytes - position), position);
    if (count === 0) break;
    for (const { hash } of hashes) hash.update(block.subarray(0, count));
    position += count;
  }
  const held = written();
  const same =
    held.bytes === bytes && algorithms.every((algorithm) => held.digests[algorithm] === digests[algorithm]);
  if (!same) {
    position = 0;
    hashes = newHashes();
  }
  answer({ written: written() });
}

function sync(): void {
  fdatasyncSync(fd);
  answer({ written: written() });
}

function finish(): void {
  if (setLength) ftruncateSync(fd, position);
  sync();
}

function written(): Written {
  return {
    bytes: position,
    digests: Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.copy().digest('hex')])),
  };
}

function isZero(piece: Buffer): boolean {
  return piece.equals(ZEROS.subarray(0, piece.length));
}

/** Whether the target reads as zeros there already; beyond the end of a file it will. */
function readsZero(length: number, at: number): boolean {
  let read = 0;
  while (read < length) {
    const count = readSync(fd, found, read, length - read, at + read);
    if (count === 0) break;
    read += count;
  }
  return isZero(found.subarray(0, read));
}

function writeAll(piece: Buffer, at: number): void {
  for (let done = 0; done < piece.length;) {
    done += writeSync(fd, piece, done, piece.length - done, at + done);
  }
}

function answer(message: WriterOutput, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}
