import { operation } from './operation-builder.js';

export interface DeleteSnapshotInput {
  volumeId: string;
}

/** Waits until nobody reads from the snapshot, then removes it. */
export const deleteSnapshot = operation<DeleteSnapshotInput>('snapshot.delete', 1, {
  deadlineSeconds: 24 * 3600,
  cancel: 'never',
  again: 'DELETE /v3/{project_id}/snapshots/{id}',
})
  .step('remove', { at: 'backend', attempts: 10 })
  .define();
