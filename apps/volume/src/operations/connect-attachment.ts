import { Fault } from '@scoria/domain';
import { parseConnector } from '@scoria/exports';
import { connectAttachment, type ConnectAttachmentInput, type StepHandler } from '@scoria/operations';
import { findAttachment, markExported, markUnexported, type Tx } from '@scoria/store';
import { ensureExport, withoutPassword } from '../attachment-export.js';
import type { StepDeps } from './deps.js';
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
    const info = await ensureExport(deps, backend, attachment, connector, { signal });
    return { commit: (tx) => markExported(tx, attachment.id, withoutPassword(info)) };
  },
  async undo(operation, { signal }) {
    await deps.backends.of(operation).exports.remove(operation.resourceId, { signal });
    return { commit: (tx) => markUnexported(tx, operation.resourceId) };
  },
});
