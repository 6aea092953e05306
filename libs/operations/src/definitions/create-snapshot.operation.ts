import { operation } from './operation-builder.js';

export interface CreateSnapshotInput {
  volumeId: string;
}

/** Claims what the snapshot will cost (nothing on thin and reflink pools), then takes it. */
export const createSnapshot = operation<CreateSnapshotInput>('snapshot.create', 1, {
  deadlineSeconds: 3600,
  cancel: 'undo',
  again: 'POST /v3/{project_id}/snapshots (and DELETE /v3/{project_id}/snapshots/{id} of the failed one)',
})
  .step('claim', { at: 'scheduler', undo: true, attempts: 3 })
  .step('take', { at: 'backend', undo: true })
  .define();
