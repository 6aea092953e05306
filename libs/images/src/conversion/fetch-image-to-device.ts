import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { copyDisk } from '@scoria/commands';
import { checkHead, checkImage, unacceptable, type VolumeBounds } from '../format/acceptable-image.js';
import { writeBlocks, type Written } from '../transfer/block-writer.js';
import { percentReporter } from '../transfer/percent.js';
import { algorithmsOf, verifyDigests } from '../transfer/verify-digests.js';
import type { ConversionOptions } from './conversion-options.js';
import { type FetchCheckpoint, fetchCheckpoint, readFetchCheckpoint } from './fetch-checkpoint.js';
import { failureOfConversion, inspectQcow2 } from './qemu-img.js';
import { withTimeLimitFault } from './time-limit.js';
import { withWorkFile } from './work-file.js';

export interface FetchOptions extends ConversionOptions {
  /** GiB: no image may be larger as a disk, however large the volume is. */
  maxVirtualSizeGib: number;
  /** Whether the device gives blocks back that hold nothing; false where it owns its space for good. */
  discard: boolean;
}

/** Tells apart what was written from what is there, for an image that its service knows no hash of. */
const OWN_HASH = 'sha256';

/**
 * Fills a device with an image, verified against the image service's checksums. A raw image goes straight to the
 * device; a qcow2 one over a temporary file, since its parts must not be believed before the whole is verified. The
 * device's part beyond the image stays as it is. May be run again after it was cut short anywhere: what the device held
 * before does not show through.
 *
 * With checkpoints, the next run goes on where this one was. What it finds written it reads again, so that the
 * checksum is of the whole as it lies there, whoever wrote it and when.
 *
 * @throws Fault `badRequest` for an image that is not active, does not fit, or is not acceptable; `badGateway` when it
 * came damaged (the device then holds garbage); `unavailable` when space or time ran out; what `service` throws
 */
export function fetchImageToDevice(options: FetchOptions): Promise<void> {
  return withTimeLimitFault(options, async (signal) => {
    checkImage(options.image, options);
    const last = readFetchCheckpoint(options.image, options.checkpoints?.last);
    if (options.image.diskFormat === 'raw') await fetchRaw(options, last, signal);
    else await fetchQcow2(options, last, signal);
    options.onProgress?.(100);
  });
}

async function fetchRaw(
  options: FetchOptions,
  { written }: FetchCheckpoint,
  signal: AbortSignal,
): Promise<void> {
  await using device = await open(options.devicePath, 'r+');
  await download(options, {
    fd: device.fd,
    setLength: false,
    signal,
    progressTo: 99,
    written,
    save: (so) => save(options, { written: so, converted: 0 }),
  });
}

async function fetchQcow2(options: FetchOptions, last: FetchCheckpoint, signal: AbortSignal): Promise<void> {
  const { image, workDir, operationId } = options;
  await withWorkFile({ workDir, operationId, bytes: image.sizeBytes, name: last.file }, async (file) => {
    const written = await download(options, {
      fd: file.handle.fd,
      setLength: true,
      signal,
      // What is read again is no progress over what was told before.
      progressTo: last.converted > 0 ? 0 : 50,
      written: file.resumed ? last.written : undefined,
      save: async (so) => {
        file.keep = true;
        await save(options, { written: so, file: file.name, converted: 0 });
      },
    });
    const bytes = await inspect(options, file.path, signal);
    const from = file.resumed ? Math.min(last.converted, bytes) : 0;
    await convert(options, { path: file.path, bytes, from, signal }, async (converted) => {
      file.keep = true;
      await save(options, { written, file: file.name, converted });
    });
  });
}

interface Conversion {
  path: string;
  /** Of the disk: all, and those that an earlier run has converted. */
  bytes: number;
  from: number;
  signal: AbortSignal;
}

async function convert(
  options: FetchOptions,
  { path, bytes, from, signal }: Conversion,
  saved: (converted: number) => Promise<void>,
): Promise<void> {
  const { commands, devicePath, discard, timeoutMs, checkpoints, firstWindowBytes } = options;
  const report = percentReporter(options.onProgress, 50, 99);
  report(from, bytes);
  // qemu-img leaves what it wrote in the page cache.
  await using device = await open(devicePath, 'r+');
  await copyDisk(commands, {
    source: { format: 'qcow2', path },
    target: { format: 'raw', path: devicePath },
    discard,
    bytes,
    from,
    timeoutMs,
    cpuSeconds: Math.ceil(timeoutMs / 1000),
    signal,
    ...(firstWindowBytes === undefined ? {} : { firstWindowBytes }),
    onProgress: (done) => report(done, bytes),
    onWindow: async (done) => {
      if (!checkpoints?.due || done === bytes) return;
      await device.datasync();
      await saved(done);
    },
  }).catch(async (error: unknown) => {
    throw await failureOfConversion(commands, path, { signal, timeoutMs }, error);
  });
  await device.datasync();
}

interface DownloadTarget {
  fd: number;
  setLength: boolean;
  signal: AbortSignal;
  progressTo: number;
  /** What an earlier run wrote. */
  written: Written | undefined;
  save: (written: Written) => Promise<void>;
}

async function download(options: FetchOptions, target: DownloadTarget): Promise<Written> {
  const { image, service, caller, checkpoints } = options;
  const { signal } = target;
  const report = percentReporter(options.onProgress, 0, target.progressTo);
  const known = algorithmsOf(image);
  const whole = await writeBlocks(
    async (from) =>
      from === image.sizeBytes ? Readable.from([]) : service.download(image.id, caller, { signal, from }),
    {
      fd: target.fd,
      algorithms: known.length === 0 && checkpoints ? [OWN_HASH] : known,
      maxBytes: image.sizeBytes,
      setLength: target.setLength,
      signal,
      inspectHead: (head) => checkHead(image, head, options),
      onBytes: (count) => report(count, image.sizeBytes),
      resume: target.written,
      syncDue: () => checkpoints?.due ?? false,
      onSynced: target.save,
    },
  );
  try {
    verifyDigests(image, whole.bytes, whole.digests);
  } catch (damaged) {
    // The next try must not go on with it.
    await checkpoints?.save({});
    throw damaged;
  }
  return whole;
}

const save = async ({ checkpoints, image }: FetchOptions, so: FetchCheckpoint): Promise<void> =>
  checkpoints?.save(fetchCheckpoint(image, so));

/**
 * What our own look at the header said is asked of QEMU too: its view counts when it opens the file.
 *
 * @returns bytes of the disk
 */
async function inspect(options: FetchOptions, path: string, signal: AbortSignal): Promise<number> {
  const { image, commands } = options;
  const info = await inspectQcow2(commands, path, signal);
  const hidden = info.backingFile ?? info.dataFile;
  if (info.format !== 'qcow2' || hidden !== undefined || info.encrypted) {
    throw unacceptable(image, 'it depends on more than its own bytes');
  }
  checkImage({ ...image, virtualSizeBytes: info.virtualSizeBytes }, options satisfies VolumeBounds);
  return info.virtualSizeBytes;
}
