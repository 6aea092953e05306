import { createHash } from 'node:crypto';
import { fdatasyncSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread of `block-writer.ts`: hashes and writes one block after the other. */
export interface WriterSettings {
  fd: number;
  algorithms: string[];
  setLength: boolean;
}

export type WriterInput = { buffer: ArrayBuffer; length: number } | 'end';

export type WriterOutput =
  | { freed: ArrayBuffer }
  | { digests: Record<string, string> }
  | { code: string | undefined; message: string };

/** Zeros are looked for in pieces of this size: a common size of a thin pool's chunk. */
const PIECE = 64 * 1024;
const ZEROS = Buffer.alloc(PIECE);

const { fd, algorithms, setLength } = workerData as WriterSettings;
const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
const found = Buffer.alloc(PIECE);
let position = 0;
let failed = false;

parentPort!.on('message', (message: WriterInput) => {
  if (failed) return;
  try {
    if (message === 'end') finish();
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

function finish(): void {
  if (setLength) ftruncateSync(fd, position);
  fdatasyncSync(fd);
  answer({
    digests: Object.fromEntries(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')])),
  });
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
  for (let written = 0; written < piece.length;) {
    written += writeSync(fd, piece, written, piece.length - written, at + written);
  }
}

function answer(message: WriterOutput, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}
