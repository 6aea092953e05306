import type { Readable } from 'node:stream';
import { addAbortSignal } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { Fault } from '@scoria/domain';
import type { WriterInput, WriterOutput, WriterSettings, Written } from './block-writer.worker.js';

export type { Written } from './block-writer.worker.js';

export interface BlockWriteOptions {
  /** Opened for reading and writing; closed by who opened it, and not before this is over. */
  fd: number;
  /** OpenSSL's names of the hashes to make, e.g. `['md5', 'sha512']`. */
  algorithms: string[];
  /** More than that is an error, before it is written. */
  maxBytes: number;
  /** Cut the file to what was written, where it is a file of our own. */
  setLength: boolean;
  signal: AbortSignal;
  /** Sees the first block (1 MiB, or all when that is less) before anything is written; throws to refuse. */
  inspectHead?: (head: Buffer) => void;
  /** Told how many bytes came, after each block. */
  onBytes?: (bytes: number) => void;
  /** Where an earlier attempt has come; gone on from when the target still begins so, and with these hashes. */
  resume?: Written | undefined;
  /** Asked after each block whether what came so far shall be brought to stable storage and told to `onSynced`. */
  syncDue?: () => boolean;
  onSynced?: (written: Written) => Promise<void>;
}

export const BLOCK_BYTES = 1024 * 1024;
/** Blocks on their way between here and the worker: the memory that a transfer takes, whatever its size. */
const BLOCKS = 4;

/**
 * Writes a stream to a file or device, and hashes it, in a thread of its own: neither may hold up the event loop. Zeros
 * are not written where zeros are already, so that a thin target stays thin. What was written is on stable storage when
 * this returns; nothing is written any more after it has failed.
 *
 * @param open gives the stream from that byte on: 0, or what an earlier attempt wrote and the target still holds
 * @returns the whole target, that part included
 * @throws Fault `unavailable` when the target is full, `badGateway` when the stream has more than `maxBytes`
 */
export async function writeBlocks(
  open: (from: number) => Promise<Readable>,
  options: BlockWriteOptions,
): Promise<Written> {
  const settings: WriterSettings = {
    fd: options.fd,
    algorithms: options.algorithms,
    setLength: options.setLength,
  };
  options.signal.throwIfAborted();
  const worker = new Worker(new URL('./block-writer.worker.js', import.meta.url), { workerData: settings });
  let source: Readable | undefined;
  try {
    const link = new WriterLink(worker, options.signal);
    const { bytes: from } = options.resume ? await link.ask({ resume: options.resume }) : { bytes: 0 };
    source = addAbortSignal(options.signal, await open(from));
    await send(source, from, link, options);
    return await link.ask('end');
  } finally {
    source?.destroy();
    await worker.terminate();
  }
}

async function send(
  source: Readable,
  from: number,
  link: WriterLink,
  options: BlockWriteOptions,
): Promise<void> {
  let total = from;
  let block: Buffer | undefined;
  let filled = 0;
  let inspected = from > 0;
  options.onBytes?.(from);
  const flush = async (): Promise<void> => {
    if (block === undefined || filled === 0) return;
    if (!inspected) options.inspectHead?.(block.subarray(0, filled));
    inspected = true;
    link.post(block, filled);
    options.onBytes?.(total);
    block = undefined;
    filled = 0;
    if (options.syncDue?.()) await options.onSynced?.(await link.ask('sync'));
  };
  for await (const chunk of source as AsyncIterable<Buffer>) {
    total += chunk.length;
    if (total > options.maxBytes) {
      throw new Fault('badGateway', 'More bytes came than the image has.');
    }
    for (let offset = 0; offset < chunk.length;) {
      block ??= await link.freeBlock();
      const copied = chunk.copy(block, filled, offset);
      filled += copied;
      offset += copied;
      if (filled === BLOCK_BYTES) await flush();
    }
  }
  await flush();
}

/** The other end of the worker's messages. */
class WriterLink {
  private readonly free: Buffer[] = Array.from({ length: BLOCKS }, () =>
    Buffer.from(new ArrayBuffer(BLOCK_BYTES)),
  );
  private readonly failed = Promise.withResolvers<never>();
  private answered = Promise.withResolvers<Written>();
  private freed = Promise.withResolvers<void>();

  constructor(
    private readonly worker: Worker,
    signal: AbortSignal,
  ) {
    // A failure that comes while nobody waits is met by the next who does.
    this.failed.promise.catch(() => undefined);
    worker.on('error', (error) => this.failed.reject(error));
    worker.on('message', (message: WriterOutput) => this.receive(message));
    signal.addEventListener('abort', () => this.failed.reject(signal.reason), { once: true });
  }

  async freeBlock(): Promise<Buffer> {
    while (this.free.length === 0) {
      this.freed = Promise.withResolvers();
      await Promise.race([this.freed.promise, this.failed.promise]);
    }
    return this.free.pop()!;
  }

  post(block: Buffer, length: number): void {
    const buffer = block.buffer as ArrayBuffer;
    this.worker.postMessage({ buffer, length } satisfies WriterInput, [buffer]);
  }

  /** One question at a time; it is answered after everything that was posted before. */
  ask(question: 'sync' | 'end' | { resume: Written }): Promise<Written> {
    this.answered = Promise.withResolvers();
    this.worker.postMessage(question satisfies WriterInput);
    return Promise.race([this.answered.promise, this.failed.promise]);
  }

  private receive(message: WriterOutput): void {
    if ('freed' in message) {
      this.free.push(Buffer.from(message.freed));
      this.freed.resolve();
    } else if ('written' in message) this.answered.resolve(message.written);
    else this.failed.reject(writeFailure(message.code, message.message));
  }
}

function writeFailure(code: string | undefined, message: string): Error {
  const cause = new Error(message);
  return code === 'ENOSPC'
    ? new Fault('unavailable', 'There is no space left for the image.', {
        cause,
        detail: 'notEnoughSpaceForImage',
      })
    : cause;
}
