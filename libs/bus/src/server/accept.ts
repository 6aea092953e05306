import type { Contract } from '@scoria/contracts';
import { InvalidBodyError, decodeBody } from '../wire/body.js';
import { HEADER, textHeader } from '../wire/headers.js';
import type { Message } from '../wire/message.js';
import type { Handler } from './handlers.js';

export type PoisonReason = InvalidBodyError['reason'] | 'unknown-contract' | 'newer-version' | 'bad-header';

/** A message that this process can never handle, however often it is handed out. */
export class PoisonError extends Error {
  override name = 'PoisonError';
  constructor(
    readonly reason: PoisonReason,
    detail: string,
  ) {
    super(detail);
  }
}

export interface Accepted {
  readonly handler: Handler;
  readonly version: number;
  readonly body: object;
  readonly deadline: Date | undefined;
}

/**
 * Finds the handler and validates the body. The handler's own version and older ones are accepted, since
 * version N and N+1 of the services run side by side. Throws PoisonError.
 */
export function accept(
  handlers: ReadonlyMap<string, Handler>,
  kind: Contract['kind'],
  message: Message,
): Accepted {
  const name = textHeader(message.headers, HEADER.contract);
  const handler = name === undefined ? undefined : handlers.get(name);
  if (handler === undefined || handler.contract.kind !== kind) {
    throw new PoisonError(
      'unknown-contract',
      `no handler for ${kind} ${(name ?? 'without a name').slice(0, 255)}`,
    );
  }
  const { contract } = handler;
  const version = Number(textHeader(message.headers, HEADER.version));
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new PoisonError('bad-header', `${contract.name}: no version`);
  }
  if (version > contract.version) {
    throw new PoisonError(
      'newer-version',
      `${contract.name}: version ${version} is newer than version ${contract.version} known here`,
    );
  }
  return {
    handler,
    version,
    body: readBody(contract, message),
    deadline: readDeadline(kind, contract, message),
  };
}

function readBody(contract: Contract, message: Message): object {
  try {
    return decodeBody<object>(contract.body, message.content);
  } catch (error) {
    if (!(error instanceof InvalidBodyError)) throw error;
    throw new PoisonError(error.reason, `${contract.name}: ${error.message}`);
  }
}

function readDeadline(kind: Contract['kind'], contract: Contract, message: Message): Date | undefined {
  if (kind !== 'call') return undefined;
  const deadline = new Date(textHeader(message.headers, HEADER.deadline) ?? Number.NaN);
  if (Number.isNaN(deadline.getTime())) throw new PoisonError('bad-header', `${contract.name}: no deadline`);
  return deadline;
}
