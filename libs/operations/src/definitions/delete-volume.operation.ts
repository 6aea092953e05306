import { operation } from './operation-builder.js';

export interface DeleteVolumeInput {
  /** Delete the snapshots first. They are in `deleting` under the same operation. */
  cascade: boolean;
}

/** Waits until nobody reads from the volume, then removes it. Once begun it only goes forward. */
export const deleteVolume = operation<DeleteVolumeInput>('volume.delete', 1, {
  deadlineSeconds: 24 * 3600,
  cancel: 'never',
  again: 'DELETE /v3/{project_id}/volumes/{id}',
})
  .step('remove-snapshots', { at: 'backend', attempts: 10, when: (input) => input.cascade })
  .step('remove', { at: 'backend', attempts: 10 })
  .define();
