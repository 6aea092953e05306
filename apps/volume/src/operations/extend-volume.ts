import { extendVolume, type ExtendVolumeInput, type StepHandler } from '@scoria/operations';
import { exportedAttachmentsOf, type Tx } from '@scoria/store';
import { volumeRow, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementExtendVolume(steps: Steps, deps: StepDeps): void {
  steps.implement(extendVolume, 'grow', grow(deps));
}

/** Grows the volume, then shows every host that has it attached the new size. */
const grow = (deps: StepDeps): StepHandler<Tx, ExtendVolumeInput> => ({
  async run(operation, { signal }) {
    const backend = deps.backends.of(operation);
    const volume = backend.volume(await volumeRow(deps, operation.resourceId));
    await backend.driver.extendVolume(volume, operation.input.newSize, { signal });
    for (const { id } of await exportedAttachmentsOf(deps.database, operation.resourceId)) {
      await backend.exports.refreshSize(id, { signal });
    }
  },
});
