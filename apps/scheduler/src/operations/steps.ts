import { OPERATIONS, StepRegistry } from '@scoria/operations';
import type { Tx } from '@scoria/store';
import { implementCreateSnapshot } from './create-snapshot.js';
import { implementCreateVolume } from './create-volume.js';
import type { StepDeps, Steps } from './deps.js';
import { implementExtendVolume } from './extend-volume.js';

/** Every step that runs in the scheduler. Throws when one is missing or doubled. */
export function schedulerSteps(deps: StepDeps): Steps {
  const steps: Steps = new StepRegistry<Tx>(OPERATIONS);
  implementCreateVolume(steps, deps);
  implementExtendVolume(steps, deps);
  implementCreateSnapshot(steps, deps);
  steps.assertComplete('scheduler');
  return steps;
}
