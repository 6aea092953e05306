import { operation } from './operation-builder.js';

/** What the new volume holds at first. Ids are those of rows, or of an image in the image service. */
export type VolumeSource =
  | { kind: 'empty' }
  | { kind: 'snapshot'; snapshotId: string }
  | { kind: 'volume'; volumeId: string }
  | { kind: 'image'; imageId: string };

export interface CreateVolumeInput {
  source: VolumeSource;
  /** A user's hints, as received (`OS-SCH-HNT:scheduler_hints`). */
  hints: Record<string, unknown>;
  /** Zones the volume may live in; empty means any. */
  availabilityZones: string[];
  /** `host@backend#pool` or `host@backend` that the source's data forces, or null. */
  pinnedTo: string | null;
}

/**
 * Places the volume, makes it, and writes the image into it when there is one. A backend that fails is undone and
 * the next best pool is tried, three placements in all (Cinder's scheduler_max_attempts).
 */
export const createVolume = operation<CreateVolumeInput>('volume.create', 1, {
  deadlineSeconds: 24 * 3600,
  cancel: 'undo',
  again: 'POST /v3/{project_id}/volumes (and DELETE /v3/{project_id}/volumes/{id} of the failed one)',
})
  .step('place', { at: 'scheduler', undo: true, attempts: 3 })
  .step('provision', { at: 'backend', undo: true, attempts: 3 })
  .step('fill', { at: 'backend', attempts: 3, when: (input) => input.source.kind === 'image' })
  .retryFrom('place', 3)
  .define();
