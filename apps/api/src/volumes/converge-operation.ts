import { Fault } from '@scoria/domain';
import { requestCancel } from '@scoria/store';
import type { ApiDeps } from '../frame/deps.js';

/**
 * An administrator wants a row out of its transitional status. A status under a live operation is never overwritten:
 * the operation is asked to stop, undoes what it did, and leaves a status at rest. Committed at once, whatever becomes
 * of the request's own transaction.
 */
export async function convergeOperation(
  deps: Pick<ApiDeps, 'database'>,
  operationId: string,
): Promise<never> {
  await requestCancel(deps.database, operationId);
  throw new Fault(
    'conflict',
    'An operation is running and has been asked to stop. Try again when the status has changed.',
    { retryAfter: 1 },
  );
}
