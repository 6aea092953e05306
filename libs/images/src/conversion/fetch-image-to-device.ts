import { open } from 'node:fs/promises';
import { checkHead, checkImage, unacceptable, type VolumeBounds } from '../format/acceptable-image.js';
import { writeBlocks } from '../transfer/block-writer.js';
import { percentReporter } from '../transfer/percent.js';
import { algorithmsOf, verifyDigests } from '../transfer/verify-digests.js';
import type { ConversionOptions } from './conversion-options.js';
import { convert, inspectQcow2 } from './qemu-img.js';
import { withTemporaryFile } from './temporary-file.js';
import { withTimeLimitFault } from './time-limit.js';

export interface FetchOptions extends ConversionOptions {
  /** GiB: no image may be larger as a disk, however large the volume is. */
  maxVirtualSizeGib: number;
}

/**
 * Fills a device with an image, verified against the image service's checksums. A raw image goes straight to the
 * device; a qcow2 one over a temporary file, since its parts must not be believed before the whole is verified. The
 * device's part beyond the image stays as it is. May be run again after it was cut short anywhere: what the device held
 * before does not show through.
 *
 * @throws Fault `badRequest` for an image that is not active, does not fit, or is not acceptable; `badGateway` when it
 * came damaged (the device then holds garbage); `unavailable` when space or time ran out; what `service` throws
 */
export function fetchImageToDevice(options: FetchOptions): Promise<void> {
  return withTimeLimitFault(options, async (signal) => {
    checkImage(options.image, options);
    if (options.image.diskFormat === 'raw') await fetchRaw(options, signal);
    else await fetchQcow2(options, signal);
    options.onProgress?.(100);
  });
}

async function fetchRaw(options: FetchOptions, signal: AbortSignal): Promise<void> {
  await using device = await open(options.devicePath, 'r+');
  await download(options, { fd: device.fd, setLength: false, signal, progressTo: 99 });
}

async function fetchQcow2(options: FetchOptions, signal: AbortSignal): Promise<void> {
  const { image, workDir, operationId, commands, devicePath } = options;
  await withTemporaryFile(workDir, operationId, image.sizeBytes, async ({ path, handle }) => {
    await download(options, { fd: handle.fd, setLength: true, signal, progressTo: 50 });
    await inspect(options, path, signal);
    const report = percentReporter(options.onProgress, 50, 99);
    await convert(commands, {
      source: { format: 'qcow2', path },
      target: { format: 'raw', path: devicePath },
      targetExists: true,
      timeoutMs: options.timeoutMs,
      signal,
      onProgress: report,
    });
  });
  // qemu-img leaves what it wrote in the page cache.
  await using device = await open(devicePath, 'r+');
  await device.datasync();
}

interface DownloadTarget {
  fd: number;
  setLength: boolean;
  signal: AbortSignal;
  progressTo: number;
}

async function download(options: FetchOptions, target: DownloadTarget): Promise<void> {
  const { image, service, caller } = options;
  const report = percentReporter(options.onProgress, 0, target.progressTo);
  const { bytes, digests } = await writeBlocks(
    await service.download(image.id, caller, { signal: target.signal }),
    {
      fd: target.fd,
      algorithms: algorithmsOf(image),
      maxBytes: image.sizeBytes,
      setLength: target.setLength,
      signal: target.signal,
      inspectHead: (head) => checkHead(image, head, options),
      onBytes: (count) => report(count, image.sizeBytes),
    },
  );
  verifyDigests(image, bytes, digests);
}

/** What our own look at the header said is asked of QEMU too: its view counts when it opens the file. */
async function inspect(options: FetchOptions, path: string, signal: AbortSignal): Promise<void> {
  const { image, commands } = options;
  const info = await inspectQcow2(commands, path, signal);
  const hidden = info.backingFile ?? info.dataFile;
  if (info.format !== 'qcow2' || hidden !== undefined || info.encrypted) {
    throw unacceptable(image, 'it depends on more than its own bytes');
  }
  checkImage({ ...image, virtualSizeBytes: info.virtualSizeBytes }, options satisfies VolumeBounds);
}
