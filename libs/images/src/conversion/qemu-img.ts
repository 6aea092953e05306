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
    if (!isFaultOfImage(cause)) throw cause;
    throw new Fault('badRequest', 'The image is damaged.', { cause, detail: 'imageFormatUnacceptable' });
  }
}

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

/** `qemu-img check`: everything is in order; clusters are lost, and no data is. */
const SOUND = [0, 3];
/** The file is damaged or no qcow2; the rest of the exit codes are trouble with the check itself. */
const DAMAGED = [1, 2];

/** Whether a qcow2 file of our own can be gone on with: one that a power cut met may have lost its maps. */
export async function isSound(
  commands: CommandRunner,
  path: string,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<boolean> {
  const args = ['check', '-q', '--image-opts', diskOptions({ format: 'qcow2', path })];
  const { exitCode } = await commands.run('qemu-img', args, {
    timeoutMs,
    signal,
    okExitCodes: [...SOUND, ...DAMAGED],
  });
  return SOUND.includes(exitCode);
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
