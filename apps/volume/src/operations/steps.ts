import { OPERATIONS, StepRegistry } from '@scoria/operations';
import type { Tx } from '@scoria/store';
import { implementConnectAttachment } from './connect-attachment.js';
import { implementCreateSnapshot } from './create-snapshot.js';
import { implementCreateVolume } from './create-volume.js';
import { implementDeleteSnapshot } from './delete-snapshot.js';
import { implementDeleteVolume } from './delete-volume.js';
import type { StepDeps } from './deps.js';
import { implementDisconnectAttachment } from './disconnect-attachment.js';
import { implementExtendVolume } from './extend-volume.js';
import { implementUploadVolume } from './upload-volume.js';

export type Steps = StepRegistry<Tx>;

/** Every step that runs on a storage host. Throws when one is missing or doubled. */
export function volumeSteps(deps: StepDeps): Steps {
  const steps: Steps = new StepRegistry<Tx>(OPERATIONS);
  implementCreateVolume(steps, deps);
  implementDeleteVolume(steps, deps);
  implementExtendVolume(steps, deps);
  implementUploadVolume(steps, deps);
  implementCreateSnapshot(steps, deps);
  implementDeleteSnapshot(steps, deps);
  implementConnectAttachment(steps, deps);
  implementDisconnectAttachment(steps, deps);
  steps.assertComplete('backend');
  return steps;
}
