import { Fault } from '@scoria/domain';
import { parseConnector } from '@scoria/exports';
import { connectAttachment, type ConnectAttachmentInput, type StepHandler } from '@scoria/operations';
import { findAttachment, markExported, markUnexported, type AttachmentRow, type Tx } from '@scoria/store';
import { ensureExport, withoutPassword } from '../attachment-export.js';
import type { Backend } from '../backend.js';
import { onceExportsServe, type StepDeps } from './deps.js';
import type { Steps } from './steps.js';

export function implementConnectAttachment(steps: Steps, deps: StepDeps): void {
  steps.implement(connectAttachment, 'export', exportStep(deps));
}

const exportStep = (deps: StepDeps): StepHandler<Tx, ConnectAttachmentInput> => ({
  async run(operation, { signal }) {
    const backend = deps.backends.of(operation);
    const attachment = await findAttachment(deps.database, operation.resourceId);
    if (!attachment) throw new Fault('notFound', `Attachment ${operation.resourceId} could not be found.`);
    const connector = parseConnector(operation.input.connector);
    backend.exports.validateConnector(connector);
    const info = await onceExportsServe(ensureExport(deps, backend, attachment, connector, { signal }));
    return { commit: (tx) => markExported(tx, attachment.id, withoutPassword(info)) };
  },
  async undo(operation, { signal }) {
    const backend = deps.backends.of(operation);
    const attachment = await findAttachment(deps.database, operation.resourceId);
    // The step's commit, which says so, also ends the operation: an export that is on record was there before.
    if (attachment?.exported) {
      await restoreExport(deps, backend, attachment, operation.input, signal);
      return;
    }
    await backend.exports.remove(operation.resourceId, { signal });
    return { commit: (tx) => markUnexported(tx, operation.resourceId) };
  },
});

/** For whom it was before. Nothing changes, and no session ends, where the step has changed nothing. */
async function restoreExport(
  deps: StepDeps,
  backend: Backend,
  attachment: AttachmentRow,
  { previous }: ConnectAttachmentInput,
  signal: AbortSignal,
): Promise<void> {
  const { connector, mode } = previous ?? attachment;
  try {
    await ensureExport(deps, backend, { ...attachment, mode }, parseConnector(connector), { signal });
  } catch (error) {
    // The bytes are gone, or the connector is none that is served: no retry mends that, and the reconciler reports it.
    const final = error instanceof Fault && (error.kind === 'notFound' || error.kind === 'badRequest');
    if (!final) throw error;
  }
}
