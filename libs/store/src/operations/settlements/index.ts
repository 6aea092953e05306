import { MESSAGE_ACTIONS, MESSAGE_DETAILS, eventId, isMessageDetail } from '@scoria/domain';
import {
  connectAttachment,
  createSnapshot,
  createVolume,
  definitionKey,
  deleteSnapshot,
  deleteVolume,
  disconnectAttachment,
  extendVolume,
  uploadVolume,
} from '@scoria/operations';
import type { Tx } from '../../database.js';
import { FACTS } from '../../events/resource-facts.js';
import { wroteEvents } from '../../events/wrote-events.js';
import { settleConnectAttachment } from './connect-attachment.js';
import { settleCreateSnapshot } from './create-snapshot.js';
import { settleCreateVolume } from './create-volume.js';
import { settleDeleteSnapshot } from './delete-snapshot.js';
import { settleDeleteVolume } from './delete-volume.js';
import { settleDisconnectAttachment } from './disconnect-attachment.js';
import { settleExtendVolume } from './extend-volume.js';
import type { End, SettledOperation, Settlement } from './settlement.js';
import { settleUploadVolume } from './upload-volume.js';

const SETTLEMENTS = new Map<string, Settlement<never>>([
  [definitionKey(createVolume), settleCreateVolume],
  [definitionKey(deleteVolume), settleDeleteVolume],
  [definitionKey(extendVolume), settleExtendVolume],
  [definitionKey(uploadVolume), settleUploadVolume],
  [definitionKey(createSnapshot), settleCreateSnapshot],
  [definitionKey(deleteSnapshot), settleDeleteSnapshot],
  [definitionKey(connectAttachment), settleConnectAttachment],
  [definitionKey(disconnectAttachment), settleDisconnectAttachment],
]);

/** Cinder's names of resource types in user messages. */
const MESSAGE_RESOURCE = { volume: 'VOLUME', snapshot: 'VOLUME_SNAPSHOT', attachment: 'VOLUME' } as const;

/** Ends an operation for good, in the transaction that marks it as ended. `awaited`: somebody waits to hear of it. */
export async function settle(tx: Tx, operation: SettledOperation, end: End, awaited: boolean): Promise<void> {
  const settlement: Settlement | undefined = SETTLEMENTS.get(definitionKey(operation));
  if (!settlement) throw new Error(`${definitionKey(operation)} has no settlement`);
  const settled = { ...operation, data: { ...operation.data, ...end.data } };
  if (end.state === 'succeeded') await settlement.succeed(tx, settled);
  else {
    await settlement.fail(tx, settled);
    if (settlement.message) await tell(tx, settled, settlement.message, end);
  }
  await recordEnd(tx, operation, end);
  if (awaited) await tx.query(`select pg_notify('operation_ended', $1)`, [operation.id]);
}

/** The resource as the end leaves it; without a row it is deleted. */
async function recordEnd(tx: Tx, operation: SettledOperation, { state, error }: End): Promise<void> {
  const { volumeId } = operation.input as { volumeId?: string };
  const tells = {
    ...(volumeId === undefined ? {} : { volume_id: volumeId }),
    ...(state === 'cancelled' ? { cancelled: true } : {}),
    ...(error ? { reason: error.message } : {}),
  };
  await tx.query(
    `insert into events (type, project_id, resource_type, resource_id, operation_id, request_id, payload)
     select $1, $2, $3, $4::uuid, $5, $6,
            coalesce(${FACTS[operation.resourceType]('$4::uuid')}, '{"status": "deleted"}') || $7::jsonb`,
    [
      `${operation.kind}.${state === 'succeeded' ? 'end' : 'error'}`,
      operation.projectId,
      operation.resourceType,
      operation.resourceId,
      operation.id,
      operation.requestId,
      JSON.stringify(tells),
    ],
  );
  wroteEvents(tx);
}

async function tell(
  tx: Tx,
  operation: SettledOperation,
  fallback: NonNullable<Settlement['message']>,
  { error }: End,
): Promise<void> {
  const detail = isMessageDetail(error?.detail) ? error.detail : fallback.detail;
  const action =
    detail === 'noBackend' && operation.kind === 'volume.create' ? 'scheduleAllocateVolume' : fallback.action;
  const resourceType = MESSAGE_RESOURCE[operation.resourceType];
  const text = `${MESSAGE_ACTIONS[action][1]}: ${MESSAGE_DETAILS[detail][1]} ${error?.message ?? ''}`.trim();
  await tx.query(
    `insert into messages (project_id, request_id, resource_type, resource_uuid, action_id, detail_id, event_id, user_message)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      operation.projectId,
      operation.requestId,
      resourceType,
      operation.resourceType === 'attachment'
        ? (operation.input as { volumeId: string }).volumeId
        : operation.resourceId,
      MESSAGE_ACTIONS[action][0],
      MESSAGE_DETAILS[detail][0],
      eventId(resourceType, action, detail),
      text.slice(0, 2000),
    ],
  );
}
