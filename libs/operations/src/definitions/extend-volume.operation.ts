import { operation } from './operation-builder.js';

export interface ExtendVolumeInput {
  /** GiB. */
  newSize: number;
  oldSize: number;
}

/** Claims the growth, waits for who still copies the volume as it is, then grows it and what exports it. */
export const extendVolume = operation<ExtendVolumeInput>('volume.extend', 1, {
  deadlineSeconds: 24 * 3600,
  cancel: 'untilClaimed',
  again: 'os-extend, once an administrator has reset the volume if it is in error_extending',
})
  .step('claim', { at: 'scheduler', undo: true, attempts: 3 })
  .step('grow', { at: 'backend' })
  .define();
