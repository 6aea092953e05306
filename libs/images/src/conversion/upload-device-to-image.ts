import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { copyDisk } from '@scoria/commands';
import { Fault } from '@scoria/domain';
import { DISK_FORMATS } from '../format/acceptable-image.js';
import { BLOCK_BYTES } from '../transfer/block-writer.js';
import { percentReporter } from '../transfer/percent.js';
import type { ConversionOptions } from './conversion-options.js';
import { createQcow2, isSound } from './qemu-img.js';
import { withTimeLimitFault } from './time-limit.js';
import { type WorkFile, removeWorkFiles, withWorkFile } from './work-file.js';

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

/**
 * The temporary file needs as much space as the device at most. With checkpoints the next run goes on with it. What is
 * then sent cannot be gone on with: Glance takes an image in one piece.
 */
async function uploadQcow2(options: ConversionOptions, signal: AbortSignal): Promise<void> {
  const { image, workDir, operationId, sizeGib } = options;
  // It was made for this upload alone: an earlier run has filled it. To pack the device again would be for nothing.
  if (image.status === 'active') return void (await removeWorkFiles(workDir, (of) => of === operationId));
  const last = options.checkpoints?.last;
  const request = { workDir, operationId, bytes: sizeGib * GIB, name: last?.['file'] };
  await withWorkFile(request, async (file) => {
    await pack(options, file, Number(last?.['converted']), signal);
    await upload(options, file.path, (await file.handle.stat()).size, 50, signal);
  });
}

/** Makes the work file a qcow2 disk that holds the device. */
async function pack(
  options: ConversionOptions,
  file: WorkFile,
  converted: number,
  signal: AbortSignal,
): Promise<void> {
  const { commands, devicePath, sizeGib, timeoutMs, checkpoints, firstWindowBytes } = options;
  const bytes = sizeGib * GIB;
  const goesOn = file.resumed && (await isSound(commands, file.path, { signal, timeoutMs }));
  if (!goesOn) await createQcow2(commands, file.path, bytes, signal);
  const report = percentReporter(options.onProgress, 0, 50);
  const from = goesOn ? converted : 0;
  report(from, bytes);
  await copyDisk(commands, {
    source: { format: 'raw', path: devicePath },
    target: { format: 'qcow2', path: file.path },
    bytes,
    from,
    timeoutMs,
    signal,
    ...(firstWindowBytes === undefined ? {} : { firstWindowBytes }),
    onProgress: (done) => report(done, bytes),
    onWindow: async (done) => {
      if (!checkpoints || !(checkpoints.due || done === bytes)) return;
      await file.handle.datasync();
      file.keep = true;
      await checkpoints.save({ file: file.name, converted: done });
    },
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
  const data = Readable.from(
    bytesOf(path, sizeBytes, (sent) => report(sent, sizeBytes)),
    { objectMode: false },
  );
  await service.upload(image.id, data, caller, { signal, sizeBytes });
}

/** Opens the file when the first of it is asked for: whatever ends before that has nothing to close, and no error to catch. */
async function* bytesOf(
  path: string,
  sizeBytes: number,
  onBytes: (sent: number) => void,
): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: BLOCK_BYTES, end: sizeBytes - 1 });
  let sent = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    yield chunk;
    onBytes((sent += chunk.length));
  }
}
