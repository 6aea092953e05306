import { operation } from './operation-builder.js';

export interface CreateSnapshotInput {
  volumeId: string;
}

/** Claims what the snapshot will cost (nothing on thin and reflink pools), then takes it. */
export const createSnapshot = operation<CreateSnapshotInput>('snapshot.create', 1, { deadlineSeconds: 3600 })
  .step('claim', { at: 'scheduler', undo: true, attempts: 3 })
  .step('take', { at: 'backend', undo: true })
  .define();
