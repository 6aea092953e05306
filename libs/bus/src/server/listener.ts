import type { Handler } from './handlers.js';

/** The receiving side of a bus; both adapters have it. */
export interface BusListener {
  /**
   * Starts to serve queues. Returns at once: with the broker down, the service waits for it and then starts.
   * Throws when two handlers claim one contract or a queue is named twice.
   */
  serve(options: ServeOptions): BusService;
}

export interface ServeOptions {
  /** Queues whose casts and calls are handled here. May be empty: broadcasts alone are heard. */
  queues: readonly string[];
  handlers: readonly Handler[];
  /** Messages of each queue in hand at a time; the bus's own figure by default. */
  prefetch?: number;
}

export interface BusService {
  /** Resolves once messages can arrive; rejects when the service is drained before that. */
  readonly ready: Promise<void>;
  readonly connected: boolean;
  /**
   * Takes no more messages, waits up to `limitMs` for the running handlers, and lets go. What is unfinished
   * then is handed to another member of the queue.
   */
  drain(limitMs?: number): Promise<void>;
}

/** Longest queue name in bytes: AMQP ends names at 255, and a prefix and `.calls` are added. */
const MAX_QUEUE_NAME_BYTES = 200;

/** Throws when the list of queues cannot be served. */
export function checkQueues(queues: readonly string[]): void {
  const seen = new Set<string>();
  for (const queue of queues) {
    const bytes = Buffer.byteLength(queue);
    if (bytes === 0 || bytes > MAX_QUEUE_NAME_BYTES || /[*#]/.test(queue)) {
      throw new Error(`cannot serve a queue of the name ${JSON.stringify(queue.slice(0, 300))}`);
    }
    if (seen.has(queue)) throw new Error(`queue ${queue} is named twice`);
    seen.add(queue);
  }
}
