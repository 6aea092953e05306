import { disconnectAttachment, type DisconnectAttachmentInput, type StepHandler } from '@scoria/operations';
import { markUnexported, type Tx } from '@scoria/store';
import { onceExportsServe, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementDisconnectAttachment(steps: Steps, deps: StepDeps): void {
  steps.implement(disconnectAttachment, 'unexport', unexport(deps));
}

const unexport = (deps: StepDeps): StepHandler<Tx, DisconnectAttachmentInput> => ({
  async run(operation, { signal }) {
    await onceExportsServe(deps.backends.of(operation).exports.remove(operation.resourceId, { signal }));
    return { commit: (tx) => markUnexported(tx, operation.resourceId) };
  },
});
