import type { MessageAction, MessageDetail } from '@scoria/domain';
import type { OperationRecord, Transition } from '@scoria/operations';
import type { Tx } from '../../database.js';

export type End = Extract<Transition, { to: 'end' }>;

/** What a settlement needs to know of an operation. */
export type SettledOperation<Input = unknown> = Pick<
  OperationRecord<Input>,
  'id' | 'kind' | 'version' | 'resourceType' | 'resourceId' | 'projectId' | 'requestId' | 'input' | 'data'
>;

/**
 * What the end of an operation means for the rows: statuses, usage and claims. Runs in the transaction that ends it,
 * so that no status outlives its operation and no operation ends without its status.
 */
export interface Settlement<Input = unknown> {
  succeed(tx: Tx, operation: SettledOperation<Input>): Promise<void>;
  fail(tx: Tx, operation: SettledOperation<Input>): Promise<void>;
  /** How a failure is told to the tenant; the detail applies unless the error names its own. */
  message?: { action: MessageAction; detail: MessageDetail };
}
