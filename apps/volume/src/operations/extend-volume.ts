import { extendVolume, type ExtendVolumeInput, type StepHandler } from '@scoria/operations';
import { attachmentsOf, type Tx } from '@scoria/store';
import { onceExportsServe, volumeRow, waitForReaders, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementExtendVolume(steps: Steps, deps: StepDeps): void {
  steps.implement(extendVolume, 'grow', grow(deps));
}

/**
 * Grows the volume, then shows every host that has it attached the new size.
 *
 * A snapshot or a clone that was asked for before has the size of before, so it comes first. Nobody waits the other way:
 * a volume that is `extending` gets no new readers, and those that it has wait for no extend.
 *
 * A connect beside it may have opened the device before it grew and be on record only after this has looked, so that
 * every attachment is told. One without an export need not know: its connect opens the device as it then is.
 */
const grow = (deps: StepDeps): StepHandler<Tx, ExtendVolumeInput> => ({
  async run(operation, { signal }) {
    const backend = deps.backends.of(operation);
    await waitForReaders(deps, { volumeId: operation.resourceId }, operation);
    const volume = backend.volume(await volumeRow(deps, operation.resourceId));
    await backend.driver.extendVolume(volume, operation.input.newSize, { signal });
    const device = await backend.driver.device(volume);
    // Without one there is nothing to attach.
    if (!device) return;
    for (const { id } of await attachmentsOf(deps.database, operation.resourceId)) {
      const request = { attachmentId: id, device, sizeGib: operation.input.newSize };
      await onceExportsServe(backend.exports.refreshSize(request, { signal }));
    }
  },
});
