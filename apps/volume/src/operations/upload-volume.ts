import { Fault, describeError } from '@scoria/domain';
import { uploadDeviceToImage, type ImageCaller } from '@scoria/images';
import {
  uploadVolume,
  type OperationRecord,
  type StepHandler,
  type UploadVolumeInput,
} from '@scoria/operations';
import type { Tx } from '@scoria/store';
import { forgetImage, imageCaller, imageService, volumeRow, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementUploadVolume(steps: Steps, deps: StepDeps): void {
  steps.implement(uploadVolume, 'upload', upload(deps));
}

const upload = (deps: StepDeps): StepHandler<Tx, UploadVolumeInput> => ({
  async run(operation, { signal, progress, checkpoints }) {
    const backend = deps.backends.of(operation);
    const row = await volumeRow(deps, operation.resourceId);
    const device = await backend.driver.device(backend.volume(row));
    if (!device) throw new Fault('badRequest', 'The backend keeps no data, so there is nothing to upload.');
    const service = imageService(deps);
    const caller = ownerOf(operation);
    await uploadDeviceToImage({
      service,
      image: await service.show(operation.input.imageId, caller),
      caller,
      devicePath: device.path,
      sizeGib: row.size,
      workDir: deps.imagesConfig.conversionDir,
      operationId: operation.id,
      timeoutMs: deps.imagesConfig.timeoutSeconds * 1000,
      commands: backend.imageCommands,
      checkpoints,
      signal,
      onProgress: progress,
    });
    if (operation.input.protect) await service.setProtected(operation.input.imageId, caller, true);
  },
  async undo(operation) {
    await forgetImage(deps, operation);
    await removeImage(deps, operation);
  },
});

/** The gateway made the image with the token of whoever asked, in that project. */
const ownerOf = (operation: OperationRecord<UploadVolumeInput>): ImageCaller => ({
  ...imageCaller(operation),
  ...(operation.input.imageOwner === undefined ? {} : { projectId: operation.input.imageOwner }),
});

/**
 * Takes the image away, protected or not. Where that can never be, it is left: an image too many is a lesser evil than a
 * volume that is `uploading` for ever.
 */
async function removeImage(
  { images, logger }: StepDeps,
  operation: OperationRecord<UploadVolumeInput>,
): Promise<void> {
  const { imageId } = operation.input;
  const left = (reason: string): void =>
    logger.warn(
      { imageId, operationId: operation.id, reason },
      'the image of a failed upload is left behind',
    );
  if (!images) return left('no image service is configured on the storage host');
  const caller = ownerOf(operation);
  try {
    if ((await images.show(imageId, caller)).protected) await images.setProtected(imageId, caller, false);
    await images.delete(imageId, caller);
  } catch (error) {
    if (error instanceof Fault && error.kind === 'notFound') return;
    if (error instanceof Fault && error.kind === 'forbidden') return left(describeError(error));
    throw error;
  }
}
