import type { Broadcast, Call, Cast, Contract } from '@scoria/contracts';
import type { MessageContext } from './message-context.js';

export type Handle<B extends object, R> = (body: B, context: MessageContext) => Promise<R>;

/** A contract and what is done with its messages. Made by `onCast`, `onCall` and `onBroadcast`. */
export interface Handler {
  readonly contract: Contract;
  readonly handle: Handle<object, object | void>;
}

/** Handles a cast. It is acknowledged when the promise resolves, and handed out again when it rejects. */
export function onCast<B extends object>(contract: Cast<B>, handle: Handle<B, void>): Handler {
  return bind(contract, handle);
}

/** Answers a call. A Fault reaches the caller as a Fault; any other error as a plain failure. */
export function onCall<B extends object, R extends object>(
  contract: Call<B, R>,
  handle: Handle<B, R>,
): Handler {
  return bind(contract, handle);
}

/** Hears a broadcast. A failure is logged and forgotten. */
export function onBroadcast<B extends object>(contract: Broadcast<B>, handle: Handle<B, void>): Handler {
  return bind(contract, handle);
}

/** The dispatcher validates the body against the contract's own class first, which makes the cast sound. */
function bind<B extends object>(contract: Contract, handle: Handle<B, object | void>): Handler {
  return { contract, handle: (body, context) => handle(body as B, context) };
}

/** Throws when two handlers claim the same contract: one of them would never run. */
export function tableOf(handlers: readonly Handler[]): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>();
  for (const handler of handlers) {
    const { name } = handler.contract;
    if (table.has(name)) throw new Error(`two handlers for contract ${name}`);
    table.set(name, handler);
  }
  return table;
}
