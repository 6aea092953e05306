import { CommandError, type CommandRunner } from '@scoria/commands';
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

/** For a program that reads what a stranger made: memory in bytes (Cinder's limit) and seconds of CPU time. */
const INSPECT_MEMORY = 1024 ** 3;
const INSPECT_CPU_SECONDS = 60;
const INSPECT_TIMEOUT_MS = 120_000;
/** Runs of zeros at least that long are left out of the target. */
const SPARSE_BYTES = '64k';

/**
 * Inspects a qcow2 file. The format is named, never guessed, and the name of the file cannot be taken for anything
 * else.
 *
 * @throws Fault `badRequest` when `qemu-img` cannot read it within its limits
 */
export async function inspectQcow2(
  commands: CommandRunner,
  path: string,
  signal: AbortSignal,
): Promise<QemuInfo> {
  const limits = [`--as=${INSPECT_MEMORY}`, `--cpu=${INSPECT_CPU_SECONDS}`];
  const args = [...limits, 'qemu-img', 'info', '--output=json', '--image-opts', fileOptions('qcow2', path)];
  try {
    const { stdout } = await commands.run('prlimit', args, { timeoutMs: INSPECT_TIMEOUT_MS, signal });
    return parseInfo(JSON.parse(stdout) as RawInfo);
  } catch (cause) {
    if (!(cause instanceof CommandError) || cause.aborted || cause.notFound) throw cause;
    throw new Fault('badRequest', 'The image is damaged.', { cause, detail: 'imageFormatUnacceptable' });
  }
}

export interface ConvertRequest {
  source: { format: string; path: string };
  target: { format: string; path: string };
  /** Whether the target is there already, with its size, and may hold old data (a device). */
  targetExists: boolean;
  timeoutMs: number;
  signal: AbortSignal;
  onProgress: (done: number, all: number) => void;
}

/** Copies between formats. Zeros are unmapped in the target, or written where it cannot unmap. */
export async function convert(commands: CommandRunner, request: ConvertRequest): Promise<void> {
  const { source, target, targetExists, timeoutMs, signal, onProgress } = request;
  const seconds = Math.ceil(timeoutMs / 1000);
  await commands.run(
    'prlimit',
    [
      ...[`--cpu=${seconds}`, 'qemu-img', 'convert', '-p', '-S', SPARSE_BYTES, '-O', target.format],
      ...(targetExists ? ['-n'] : []),
      ...['--image-opts', fileOptions(source.format, source.path), target.path],
    ],
    {
      timeoutMs,
      signal,
      onStdoutLine: (line) => {
        const match = /\(\s*([\d.]+)\/100%\)/.exec(line);
        if (match) onProgress(Number(match[1]), 100);
      },
    },
  );
}

/** A comma in a value is doubled (QEMU's keyval syntax). */
function fileOptions(format: string, path: string): string {
  const driver = path.startsWith('/dev/') ? 'host_device' : 'file';
  return `driver=${format},file.driver=${driver},file.filename=${path.replaceAll(',', ',,')}`;
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
