import type { CommandRunner } from './command-runner.js';

/** A disk in a file or on a block device. Its format is named, never guessed. */
export interface Disk {
  format: 'raw' | 'qcow2';
  path: string;
}

export interface DiskCopy {
  source: Disk;
  /** Exists, and is at least `bytes` large as a disk. What it held before does not show through. */
  target: Disk;
  /** Bytes of the disk to copy; a multiple of 512. */
  bytes: number;
  /** Bytes that an earlier run has copied: the copy goes on there. */
  from: number;
  signal: AbortSignal;
  /** Milliseconds for one window. */
  timeoutMs: number;
  /** Whether the target gives blocks of zeros back, as it does unless told; false where it owns its space for good. */
  discard?: boolean;
  /** For a source that a stranger made: seconds of CPU time that one window may take. */
  cpuSeconds?: number;
  /** 256 MiB unless told. */
  firstWindowBytes?: number;
  /** Told how many bytes of `bytes` are copied, now and then. */
  onProgress?: (done: number) => void;
  /** After each window: the first `done` bytes are in the target, though not yet on stable storage. */
  onWindow?: (done: number) => Promise<void>;
}

const FIRST_WINDOW = 256 * 1024 ** 2;
const SMALLEST_WINDOW = 16 * 1024 ** 2;
const LARGEST_WINDOW = 64 * 1024 ** 3;
/** Windows are made to take between these, whatever the storage's speed and however much of the disk is holes. */
const QUICK_MS = 1000;
const SLOW_MS = 4000;
/** Runs of zeros at least that long are left out of the target, or are zeroed without being written. */
const SPARSE_BYTES = '64k';
/** Of the file itself: on a node above it, qemu-img punches holes all the same. */
const NO_HOLES = ',file.file.discard=ignore';

/**
 * Copies a disk with qemu-img(1), one window after the other, so that a copy which is cut short can go on where it was.
 * Holes stay holes, and runs of zeros become holes where the target can have them.
 *
 * @throws CommandError, with `notFound` where there is no qemu-img
 */
export async function copyDisk(commands: CommandRunner, copy: DiskCopy): Promise<void> {
  let window = copy.firstWindowBytes ?? FIRST_WINDOW;
  for (let offset = copy.from; offset < copy.bytes;) {
    copy.signal.throwIfAborted();
    const size = Math.min(window, copy.bytes - offset);
    const began = performance.now();
    await copyWindow(commands, copy, offset, size);
    const took = performance.now() - began;
    offset += size;
    copy.onProgress?.(offset);
    await copy.onWindow?.(offset);
    if (took < QUICK_MS) window = Math.min(window * 2, LARGEST_WINDOW);
    else if (took > SLOW_MS) window = Math.max(window / 2, SMALLEST_WINDOW);
  }
}

async function copyWindow(
  commands: CommandRunner,
  { source, target, discard = true, signal, timeoutMs, cpuSeconds, onProgress }: DiskCopy,
  offset: number,
  size: number,
): Promise<void> {
  const part = (disk: Disk): string =>
    `driver=raw,offset=${offset},size=${size},${diskOptions(disk, 'file.')}`;
  const words = [
    ...['qemu-img', 'convert', '-n', '-p', '-S', SPARSE_BYTES, '--image-opts', '--target-image-opts'],
    ...[part(source), `${part(target)}${discard ? '' : NO_HOLES}`],
  ];
  const [program, ...args] = cpuSeconds === undefined ? words : ['prlimit', `--cpu=${cpuSeconds}`, ...words];
  await commands.run(program!, args, {
    timeoutMs,
    signal,
    onStdoutLine: (line) => {
      const percent = /\(\s*([\d.]+)\/100%\)/.exec(line)?.[1];
      if (percent !== undefined) onProgress?.(offset + (size * Number(percent)) / 100);
    },
  });
}

/**
 * A disk for `--image-opts`. A comma in a value is doubled (QEMU's keyval syntax), so no name can be more than a name.
 *
 * @param below `file.` for a disk that another driver looks into
 */
export function diskOptions({ format, path }: Disk, below = ''): string {
  const driver = path.startsWith('/dev/') ? 'host_device' : 'file';
  const name = path.replaceAll(',', ',,');
  return `${below}driver=${format},${below}file.driver=${driver},${below}file.filename=${name}`;
}
