import { createSnapshot, type CreateSnapshotInput, type StepHandler } from '@scoria/operations';
import type { Tx } from '@scoria/store';
import { snapshotRow, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementCreateSnapshot(steps: Steps, deps: StepDeps): void {
  steps.implement(createSnapshot, 'take', take(deps));
}

const take = (deps: StepDeps): StepHandler<Tx, CreateSnapshotInput> => ({
  async run(operation, { signal, progress, checkpoints }) {
    const backend = deps.backends.of(operation);
    const snapshot = backend.snapshot(await snapshotRow(deps, operation.resourceId));
    await backend.driver.createSnapshot(snapshot, { signal, onProgress: progress, checkpoints });
  },
  async undo(operation, { signal }) {
    const backend = deps.backends.of(operation);
    await backend.driver.deleteSnapshot(backend.snapshot(await snapshotRow(deps, operation.resourceId)), {
      signal,
    });
  },
});
