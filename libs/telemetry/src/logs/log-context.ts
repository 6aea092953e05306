import { AsyncLocalStorage } from 'node:async_hooks';

/** What every log line within a request or an operation carries beside the trace. */
export interface LogContext {
  /** `req-<uuid>`. */
  requestId?: string;
  /** The durable operation's id. */
  operationId?: string;
}

const storage = new AsyncLocalStorage<LogContext>();

/** Runs `fn`, and whatever it starts, under `context` upon the context around it. */
export function withLogContext<T>(context: LogContext, fn: () => T): T {
  return storage.run({ ...storage.getStore(), ...context }, fn);
}

/**
 * Adds to the context of the rest of the running call, for callers that cannot wrap what follows (HTTP hooks).
 * Where there is room, `withLogContext` is clearer.
 */
export function enterLogContext(context: LogContext): void {
  storage.enterWith({ ...storage.getStore(), ...context });
}

export function currentLogContext(): LogContext {
  return storage.getStore() ?? {};
}
