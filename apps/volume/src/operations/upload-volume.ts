import { Fault } from '@scoria/domain';
import { uploadDeviceToImage } from '@scoria/images';
import { uploadVolume, type StepHandler, type UploadVolumeInput } from '@scoria/operations';
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
    const caller = imageCaller(operation);
    await uploadDeviceToImage({
      service,
      image: await service.show(operation.input.imageId, caller),
      caller,
      devicePath: device.path,
      sizeGib: row.size,
      workDir: deps.imagesConfig.conversionDir,
      operationId: operation.id,
      timeoutMs: deps.imagesConfig.timeoutSeconds * 1000,
      commands: deps.commands,
      checkpoints,
      signal,
      onProgress: progress,
    });
  },
  async undo(operation) {
    await forgetImage(deps, operation);
    await imageService(deps).delete(operation.input.imageId, imageCaller(operation));
  },
});
