/** What both adapters can be told. Everything has a default; every default is a bound. */
export interface BusOptions {
  /** Messages that one served queue hands out at a time. Default 16. */
  prefetch?: number;
  /** How often a cast is handed out before it goes to the dead letters. Default 8. */
  deliveryLimit?: number;
  /** Messages that a queue holds; a cast beyond that is refused. Default 10,000. */
  maxQueueLength?: number;
  /** First pause in milliseconds before a failed cast is handed out again; doubles each time. Default 100. */
  retryDelayMs?: number;
}

export interface RabbitBusOptions extends BusOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps://`. */
  url: string;
  /** Shown by the broker as the connection's name, for example `scoria-volume@host`. Default `scoria`. */
  name?: string;
  /** Put before the name of every exchange and queue, so that several systems can share a broker. */
  prefix?: string;
}

/** Serialized body of a message or a reply, in bytes; more is refused on both sides. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Messages and calls that may wait for the broker at once in one process; one more is refused. */
export const MAX_IN_FLIGHT = 1_000;

/** How long a cast or broadcast waits for the broker unless told otherwise, in milliseconds. */
export const DEFAULT_SEND_TIMEOUT_MS = 5_000;

/** How long a drain waits for running handlers unless told otherwise, in milliseconds. */
export const DEFAULT_DRAIN_MS = 10_000;

/** Dead letters that are kept; the oldest go first. */
export const MAX_DEAD_LETTERS = 1_000;

/** Broadcasts that wait for a slow listener; the oldest go first, since a newer report replaces them. */
export const MAX_WAITING_BROADCASTS = 1_000;

/** Longest pause in milliseconds before a failed cast is handed out again. */
const MAX_RETRY_DELAY_MS = 5_000;

const DEFAULTS = { prefetch: 16, deliveryLimit: 8, maxQueueLength: 10_000, retryDelayMs: 100 };

export type Limits = Required<BusOptions>;

/** The options with every default filled in. Throws RangeError for a bound that is not a positive number. */
export function limitsOf(options: BusOptions): Limits {
  const limits: Limits = {
    prefetch: options.prefetch ?? DEFAULTS.prefetch,
    deliveryLimit: options.deliveryLimit ?? DEFAULTS.deliveryLimit,
    maxQueueLength: options.maxQueueLength ?? DEFAULTS.maxQueueLength,
    retryDelayMs: options.retryDelayMs ?? DEFAULTS.retryDelayMs,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`bus option ${name} must be at least 1`);
  }
  return limits;
}

/** Pause in milliseconds after delivery number `delivery` (1 is the first) of a cast has failed. */
export function retryDelay(limits: Limits, delivery: number): number {
  return Math.min(MAX_RETRY_DELAY_MS, limits.retryDelayMs * 2 ** Math.min(delivery - 1, 16));
}

/** What `setTimeout` may be given for a moment (epoch milliseconds); it fires at once beyond 2^31 - 1. */
export function millisecondsUntil(moment: number): number {
  return Math.min(Math.max(0, moment - Date.now()), 2 ** 31 - 1);
}

/**
 * Calls `act` when a moment (epoch milliseconds) has come, and never before it: `setTimeout` counts whole milliseconds of
 * another clock, and comes up to one of them early. Returns what calls it off.
 */
export function atMoment(moment: number, act: () => void): () => void {
  const due = performance.now() + millisecondsUntil(moment);
  let timer: NodeJS.Timeout;
  const look = (): void => (performance.now() < due ? wait() : act());
  const wait = (): void => void (timer = setTimeout(look, due - performance.now()));
  wait();
  return () => clearTimeout(timer);
}
