import { deleteVolume, type DeleteVolumeInput, type StepHandler } from '@scoria/operations';
import { removeSnapshotsOfOperation, snapshotsOfOperation, type Tx } from '@scoria/store';
import { volumeRow, waitForReaders, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementDeleteVolume(steps: Steps, deps: StepDeps): void {
  steps
    .implement(deleteVolume, 'remove-snapshots', removeSnapshots(deps))
    .implement(deleteVolume, 'remove', remove(deps));
}

const removeSnapshots = (deps: StepDeps): StepHandler<Tx, DeleteVolumeInput> => ({
  async run(operation, { signal }) {
    const backend = deps.backends.of(operation);
    for (const row of await snapshotsOfOperation(deps.database, operation.id)) {
      await waitForReaders(deps, { snapshotId: row.id }, operation);
      await backend.driver.deleteSnapshot(backend.snapshot(row), { signal });
    }
    return { commit: (tx) => removeSnapshotsOfOperation(tx, operation.id) };
  },
});

const remove = (deps: StepDeps): StepHandler<Tx, DeleteVolumeInput> => ({
  async run(operation, { signal }) {
    const backend = deps.backends.of(operation);
    await waitForReaders(deps, { volumeId: operation.resourceId }, operation);
    await backend.driver.deleteVolume(backend.volume(await volumeRow(deps, operation.resourceId)), {
      signal,
    });
  },
});
