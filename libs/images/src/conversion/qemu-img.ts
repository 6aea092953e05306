import { CommandError, diskOptions, type CommandRunner } from '@scoria/commands';
import { Fault } from '@scoria/domain';

/** What `qemu-img info` says of a file, as far as it matters here. */
export interface QemuInfo {
  format: string;
  virtualSizeBytes: number;
  backingFile?: string;
  dataFile?: string;
  encrypted: boolean;
}

interface RawInfo {
  format: string;
  'virtual-size': number;
  'backing-filename'?: string;
  encrypted?: boolean;
  'format-specific'?: { data?: { 'data-file'?: string } };
}

/**
 * For a program that reads what a stranger made: memory in bytes (Cinder's limit) and seconds of CPU time. Beyond the first
 * number of seconds it gets SIGXCPU, which nobody else sends, and SIGKILL only beyond the second.
 */
const INSPECT_MEMORY = 1024 ** 3;
const INSPECT_CPU_SECONDS = '60:70';
const INSPECT_TIMEOUT_MS = 120_000;
const CREATE_TIMEOUT_MS = 120_000;

/**
 * Inspects a qcow2 file. The format is named, never guessed, and the name of the file cannot be taken for anything
 * else.
 *
 * @throws Fault `badRequest` when `qemu-img` cannot read it within its limits
 * @throws CommandError when that is not the image's fault
 */
export async function inspectQcow2(
  commands: CommandRunner,
  path: string,
  signal: AbortSignal,
): Promise<QemuInfo> {
  const limits = [`--as=${INSPECT_MEMORY}`, `--cpu=${INSPECT_CPU_SECONDS}`];
  const args = [
    ...limits,
    'qemu-img',
    'info',
    '--output=json',
    '--image-opts',
    diskOptions({ format: 'qcow2', path }),
  ];
  try {
    const { stdout } = await commands.run('prlimit', args, { timeoutMs: INSPECT_TIMEOUT_MS, signal });
    return parseInfo(JSON.parse(stdout) as RawInfo);
  } catch (cause) {
    throw isFaultOfImage(cause) ? imageDamaged(cause) : cause;
  }
}

const imageDamaged = (cause: unknown): Fault =>
  new Fault('badRequest', 'The image is damaged.', { cause, detail: 'imageFormatUnacceptable' });

/** Signals that a program gets for what it does itself: too much CPU time, too much memory, a wrong address. */
const OWN_SIGNALS = new Set(['SIGXCPU', 'SIGABRT', 'SIGSEGV', 'SIGBUS']);

/** Whether a program has failed over what it read, rather than that it was killed, or a disk did not answer. */
export const isFaultOfImage = (error: unknown): boolean =>
  error instanceof CommandError &&
  !error.timedOut &&
  !error.aborted &&
  (error.exitCode !== undefined || OWN_SIGNALS.has(error.signal ?? ''));

/** Makes an empty qcow2 disk of a file, whatever was in it. */
export async function createQcow2(
  commands: CommandRunner,
  path: string,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  const args = ['create', '-q', '-f', 'qcow2', path, String(bytes)];
  await commands.run('qemu-img', args, { timeoutMs: CREATE_TIMEOUT_MS, signal });
}

/**
 * Exit codes of `qemu-img check`: everything is in order; the check could not come to its end, of a file that is no qcow2
 * for one; the file is damaged; clusters are lost, and no data is.
 */
const [IN_ORDER, UNCHECKED, DAMAGED, LEAKS] = [0, 1, 2, 3] as const;

interface CheckLimits {
  signal: AbortSignal;
  timeoutMs: number;
}

/** Whether a qcow2 file of our own can be gone on with: one that a power cut met may have lost its maps. */
export async function isSound(commands: CommandRunner, path: string, limits: CheckLimits): Promise<boolean> {
  const found = await check(commands, ['qemu-img'], path, limits);
  return found === IN_ORDER || found === LEAKS;
}

/**
 * What to throw when a conversion of a stranger's qcow2 file has failed. Only what the file's own tables show is the
 * image's fault: a target that is full, or a disk that does not answer, fails a conversion in the same way.
 */
export async function failureOfConversion(
  commands: CommandRunner,
  path: string,
  limits: CheckLimits,
  cause: unknown,
): Promise<unknown> {
  if (!isFaultOfImage(cause)) return cause;
  const words = ['prlimit', `--as=${INSPECT_MEMORY}`, `--cpu=${INSPECT_CPU_SECONDS}`, 'qemu-img'];
  const found = await check(commands, words, path, limits).catch(() => UNCHECKED);
  return found === DAMAGED ? imageDamaged(cause) : cause;
}

/** @param words what starts `qemu-img` */
async function check(
  commands: CommandRunner,
  words: string[],
  path: string,
  { signal, timeoutMs }: CheckLimits,
): Promise<number> {
  const file = diskOptions({ format: 'qcow2', path });
  const [program, ...args] = [...words, 'check', '-q', '--image-opts', file];
  const okExitCodes = [IN_ORDER, UNCHECKED, DAMAGED, LEAKS];
  try {
    return (await commands.run(program!, args, { timeoutMs, signal, okExitCodes })).exitCode;
  } catch (error) {
    // A line for each cluster that is not there.
    if (error instanceof CommandError && error.overflowed) return DAMAGED;
    throw error;
  }
}

function parseInfo(info: RawInfo): QemuInfo {
  const dataFile = info['format-specific']?.data?.['data-file'];
  return {
    format: info.format,
    virtualSizeBytes: info['virtual-size'],
    ...(info['backing-filename'] === undefined ? {} : { backingFile: info['backing-filename'] }),
    ...(dataFile === undefined ? {} : { dataFile }),
    encrypted: info.encrypted ?? false,
  };
}
