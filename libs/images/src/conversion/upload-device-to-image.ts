import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { Fault } from '@scoria/domain';
import { DISK_FORMATS } from '../format/acceptable-image.js';
import { BLOCK_BYTES } from '../transfer/block-writer.js';
import { percentReporter } from '../transfer/percent.js';
import type { ConversionOptions } from './conversion-options.js';
import { convert } from './qemu-img.js';
import { withTemporaryFile } from './temporary-file.js';
import { withTimeLimitFault } from './time-limit.js';

const GIB = 1024 ** 3;

/**
 * Fills a queued image with a device's bytes, in the image's disk format. May be run again after it was cut short; an
 * image that is active already stays as it is.
 *
 * @throws Fault `badRequest` for another format than raw and qcow2, `unavailable` when space or time ran out; what
 * `service` throws
 */
export async function uploadDeviceToImage(options: ConversionOptions): Promise<void> {
  const { image, devicePath, sizeGib, onProgress } = options;
  if (!DISK_FORMATS.includes(image.diskFormat)) {
    throw new Fault(
      'badRequest',
      `A volume cannot be uploaded as ${image.diskFormat}, only as raw or qcow2.`,
    );
  }
  await withTimeLimitFault(options, async (signal) => {
    if (image.diskFormat === 'raw') await upload(options, devicePath, sizeGib * GIB, 0, signal);
    else await uploadQcow2(options, signal);
    onProgress?.(100);
  });
}

/** The temporary file needs as much space as the device at most. */
async function uploadQcow2(options: ConversionOptions, signal: AbortSignal): Promise<void> {
  const { workDir, operationId, sizeGib, commands, devicePath, timeoutMs } = options;
  await withTemporaryFile(workDir, operationId, sizeGib * GIB, async ({ path, handle }) => {
    await convert(commands, {
      source: { format: 'raw', path: devicePath },
      target: { format: 'qcow2', path },
      targetExists: false,
      timeoutMs,
      signal,
      onProgress: percentReporter(options.onProgress, 0, 50),
    });
    await upload(options, path, (await handle.stat()).size, 50, signal);
  });
}

async function upload(
  { service, image, caller, onProgress }: ConversionOptions,
  path: string,
  sizeBytes: number,
  progressFrom: number,
  signal: AbortSignal,
): Promise<void> {
  const report = percentReporter(onProgress, progressFrom, 99);
  const source = createReadStream(path, { highWaterMark: BLOCK_BYTES, end: sizeBytes - 1 });
  const data = Readable.from(
    counted(source, (sent) => report(sent, sizeBytes)),
    { objectMode: false },
  );
  await service.upload(image.id, data, caller, { signal, sizeBytes });
}

async function* counted(
  source: AsyncIterable<Buffer>,
  onBytes: (sent: number) => void,
): AsyncGenerator<Buffer> {
  let sent = 0;
  for await (const chunk of source) {
    yield chunk;
    onBytes((sent += chunk.length));
  }
}
