import {
  createVolume,
  type CreateVolumeInput,
  type OperationRecord,
  type StepHandler,
} from '@scoria/operations';
import { inheritImage, markDownloading, recordImage, type Tx } from '@scoria/store';
import { fetchImageToDevice } from '@scoria/images';
import { Fault } from '@scoria/domain';
import { imageMetadataOf } from '../image-metadata.js';
import { forgetImage, imageCaller, imageService, snapshotRow, volumeRow, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementCreateVolume(steps: Steps, deps: StepDeps): void {
  steps.implement(createVolume, 'provision', provision(deps)).implement(createVolume, 'fill', fill(deps));
}

/** Makes the volume: empty, or a copy of what it comes from. */
const provision = (deps: StepDeps): StepHandler<Tx, CreateVolumeInput> => ({
  async run(operation, { signal, progress, checkpoints }) {
    const { driver, ...backend } = target(deps, operation);
    const copying = { signal, onProgress: progress, checkpoints };
    const row = await volumeRow(deps, operation.resourceId);
    const volume = backend.volume(row);
    const { source } = operation.input;
    switch (source.kind) {
      case 'empty':
        await driver.createVolume(volume, { signal });
        return;
      case 'image':
        await driver.createVolume(volume, { signal });
        return { commit: (tx) => markDownloading(tx, row.id) };
      case 'snapshot': {
        const from = await snapshotRow(deps, source.snapshotId);
        await driver.createVolumeFromSnapshot(volume, backend.snapshot(from), copying);
        return { commit: (tx) => inheritImage(tx, row.id, from.volumeId) };
      }
      case 'volume': {
        const from = await volumeRow(deps, source.volumeId);
        await driver.cloneVolume(volume, backend.volume(from), copying);
        return { commit: (tx) => inheritImage(tx, row.id, from.id) };
      }
    }
  },
  async undo(operation, { signal }) {
    const { driver, volume } = target(deps, operation);
    await driver.deleteVolume(volume(await volumeRow(deps, operation.resourceId)), { signal });
    if (operation.input.source.kind === 'image') await forgetImage(deps, operation);
  },
});

/** Writes the image into the new volume. */
const fill = (deps: StepDeps): StepHandler<Tx, CreateVolumeInput> => ({
  async run(operation, { signal, progress, checkpoints }) {
    const { source } = operation.input;
    if (source.kind !== 'image') return;
    const { driver, imageCommands, volume } = target(deps, operation);
    const row = await volumeRow(deps, operation.resourceId);
    const device = await driver.device(volume(row));
    if (!device)
      throw new Fault('badRequest', 'The backend keeps no data, so no image can be written to it.');
    const service = imageService(deps);
    const image = await service.show(source.imageId, imageCaller(operation));
    await fetchImageToDevice({
      service,
      image,
      caller: imageCaller(operation),
      devicePath: device.path,
      discard: device.discard,
      sizeGib: row.size,
      workDir: deps.imagesConfig.conversionDir,
      operationId: operation.id,
      maxVirtualSizeGib: deps.imagesConfig.maxVirtualSizeGib,
      timeoutMs: deps.imagesConfig.timeoutSeconds * 1000,
      commands: imageCommands,
      checkpoints,
      signal,
      onProgress: progress,
    });
    return { commit: (tx) => recordImage(tx, row.id, imageMetadataOf(image)) };
  },
});

function target({ backends }: StepDeps, operation: OperationRecord) {
  const backend = backends.of(operation);
  return {
    driver: backend.driver,
    imageCommands: backend.imageCommands,
    volume: backend.volume.bind(backend),
    snapshot: backend.snapshot.bind(backend),
  };
}
