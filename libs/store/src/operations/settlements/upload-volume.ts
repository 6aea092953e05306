import type { UploadVolumeInput } from '@scoria/operations';
import { releaseVolume } from '../../volume-status.js';
import type { Settlement } from './settlement.js';

export const settleUploadVolume: Settlement<UploadVolumeInput> = {
  message: { action: 'copyVolumeToImage', detail: 'uploadFailed' },
  succeed: (tx, { resourceId }) => releaseVolume(tx, resourceId),
  fail: (tx, { resourceId }) => releaseVolume(tx, resourceId),
};
