import type { Broadcast, Call, Cast } from './contract.js';

/**
 * The bus as its users see it. Two adapters implement it: RabbitMQ, and an in-process twin for the
 * single-process run. The message is a doorbell: losing one costs latency, never state.
 */
export interface Bus {
  /**
   * Puts a message into a durable queue; resolves when the broker has taken responsibility for it.
   * Rejects with `UnroutableError` when no such queue exists, `BusUnavailableError` when the broker cannot be
   * reached within `timeoutMs` (default 5,000).
   */
  cast<B extends object>(contract: Cast<B>, queue: string, body: B, options?: CastOptions): Promise<void>;

  /**
   * Asks one member of `queue` and waits for its answer until `deadline`. A request that is late on arrival is
   * dropped by the server, not executed for nobody. Rejects with `DeadlineError`, `UnroutableError`,
   * `BusUnavailableError`, `RefusedError` (unknown contract or newer version) or the remote `Fault`.
   */
  call<B extends object, R extends object>(
    contract: Call<B, R>,
    queue: string,
    body: B,
    options: CallOptions,
  ): Promise<R>;

  /** Tells every current listener. */
  broadcast<B extends object>(contract: Broadcast<B>, body: B): Promise<void>;

  /** How many messages have been given up and lie with the dead letters. Rejects with `BusUnavailableError`. */
  countDeadLetters(): Promise<number>;

  /** Whether the broker is reachable right now: for readiness and metrics, not for deciding anything. */
  readonly connected: boolean;

  close(): Promise<void>;
}

export interface CastOptions {
  timeoutMs?: number;
  /** `req-<uuid>` of the request that caused this message. */
  requestId?: string;
}

export interface CallOptions {
  /** Absolute; carried in the message. */
  deadline: Date;
  requestId?: string;
}

export class BusUnavailableError extends Error {
  override name = 'BusUnavailableError';
}

export class UnroutableError extends Error {
  override name = 'UnroutableError';
  constructor(readonly queue: string) {
    super(`no queue ${queue}`);
  }
}

export class DeadlineError extends Error {
  override name = 'DeadlineError';
}

/** The other side does not know the contract, or only an older version of it, or found the body invalid. */
export class RefusedError extends Error {
  override name = 'RefusedError';
}
