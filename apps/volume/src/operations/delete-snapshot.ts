import { deleteSnapshot, type DeleteSnapshotInput, type StepHandler } from '@scoria/operations';
import type { Tx } from '@scoria/store';
import { snapshotRow, waitForReaders, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementDeleteSnapshot(steps: Steps, deps: StepDeps): void {
  steps.implement(deleteSnapshot, 'remove', remove(deps));
}

const remove = (deps: StepDeps): StepHandler<Tx, DeleteSnapshotInput> => ({
  async run(operation, { signal }) {
    const backend = deps.backends.of(operation);
    await waitForReaders(deps, { snapshotId: operation.resourceId }, operation);
    await backend.driver.deleteSnapshot(backend.snapshot(await snapshotRow(deps, operation.resourceId)), {
      signal,
    });
  },
});
