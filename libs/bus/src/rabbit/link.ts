import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { type ChannelModel, connect } from 'amqplib';
import { BusUnavailableError } from '@scoria/contracts';
import { describeError } from '@scoria/domain';
import { millisecondsUntil } from '../options.js';

/** Opening handshake, and closing one, in milliseconds. */
const HANDSHAKE_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** Seconds; a broker that froze is noticed after two. */
const HEARTBEAT_S = 10;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface LinkOptions<S> {
  url: string;
  name: string;
  /**
   * Declares and opens what a session needs, with `answered` around each thing that is asked: a slow way to the broker makes
   * it long, not endless. Calling `lost` ends the session, and a new one is made.
   */
  open(connection: ChannelModel, lost: (reason: Error) => void): Promise<S>;
  /** Told when a session that was open has ended. */
  onLost?(session: S, reason: Error): void;
}

interface Waiter<S> {
  resolve(session: S): void;
  reject(error: Error): void;
}

/**
 * One connection to the broker, kept alive: a session is a connection with everything that was opened on it,
 * and when any part of it breaks, all of it is made anew. amqplib's own recovery is not used: it keeps the
 * connection alone, so a channel that the broker closed, or a connection that broke while its channels were
 * being opened, would go unnoticed.
 */
export class RabbitLink<S> {
  private readonly logger = new Logger('Bus');
  private readonly stop = new AbortController();
  private readonly waiters = new Set<Waiter<S>>();
  private readonly running: Promise<void>;
  private session: S | undefined;
  private blocked = false;

  constructor(private readonly options: LinkOptions<S>) {
    this.running = this.run();
  }

  get connected(): boolean {
    return this.session !== undefined;
  }

  get current(): S | undefined {
    return this.session;
  }

  /**
   * The open session, waited for until `until` (epoch milliseconds). Rejects with BusUnavailableError. While the
   * broker is short of memory or disk it reads nothing, so that too is waited for instead of filling buffers.
   */
  async ready(until: number): Promise<S> {
    if (this.stop.signal.aborted) throw new BusUnavailableError('the bus is closed');
    if (this.session !== undefined && !this.blocked) return this.session;
    const waited = Promise.withResolvers<S>();
    const expired = () => waited.reject(new BusUnavailableError('the message broker cannot be reached'));
    const timer =
      until === Number.POSITIVE_INFINITY ? undefined : setTimeout(expired, millisecondsUntil(until));
    this.waiters.add(waited);
    try {
      return await waited.promise;
    } finally {
      clearTimeout(timer);
      this.waiters.delete(waited);
    }
  }

  async close(): Promise<void> {
    this.stop.abort();
    for (const waiter of this.waiters) waiter.reject(new BusUnavailableError('the bus is closed'));
    await this.running;
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.stop.signal.aborted) {
      try {
        await this.runSession(() => (failures = 0));
      } catch (error) {
        if (this.stop.signal.aborted) return;
        this.logger.warn(`${this.options.name}: broker connection: ${describeError(error)}`);
      }
      await sleep(pauseAfter(++failures), undefined, { signal: this.stop.signal }).catch(() => undefined);
    }
  }

  /** Always throws in the end: what ended the session. */
  private async runSession(opened: () => void): Promise<never> {
    const connection = await this.connect();
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    const lost = (reason?: Error): void => ended.reject(reason ?? new Error('closed by the broker'));
    const stopped = (): void => lost(new Error('closed'));
    connection.on('error', lost);
    connection.on('close', lost);
    connection.on('blocked', (reason: string) => this.setBlocked(reason));
    connection.on('unblocked', () => this.setBlocked(undefined));
    this.stop.signal.addEventListener('abort', stopped);
    if (this.stop.signal.aborted) stopped();
    let session: S | undefined;
    try {
      session = await Promise.race([this.options.open(connection, lost), ended.promise]);
      opened();
      this.session = session;
      this.wake();
      return await ended.promise;
    } catch (error) {
      this.session = undefined;
      if (session !== undefined) this.options.onLost?.(session, error as Error);
      throw error;
    } finally {
      this.blocked = false;
      this.stop.signal.removeEventListener('abort', stopped);
      await closeWithin(connection, CLOSE_TIMEOUT_MS);
    }
  }

  private async connect(): Promise<ChannelModel> {
    const url = new URL(this.options.url);
    if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_S));
    return connect(url.href, {
      noDelay: true,
      timeout: HANDSHAKE_TIMEOUT_MS,
      clientProperties: { connection_name: this.options.name },
    });
  }

  private setBlocked(reason: string | undefined): void {
    this.blocked = reason !== undefined;
    if (reason !== undefined) this.logger.warn(`the broker takes no messages: ${reason}`);
    else this.wake();
  }

  private wake(): void {
    if (this.session === undefined || this.blocked) return;
    for (const waiter of this.waiters) waiter.resolve(this.session);
  }
}

/** Half of it is chance, so that the services of a cluster do not come back all at once. */
function pauseAfter(failures: number): number {
  const ceiling = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 16));
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

/** A frozen broker never answers the closing handshake; its socket must not keep the process alive. */
async function closeWithin(connection: ChannelModel, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([connection.close().catch(() => undefined), limit]);
  clearTimeout(timer);
  const { stream } = connection.connection as unknown as { stream: { destroy(error: Error): void } };
  // Told as an error, or amqplib would go on with its heartbeats.
  stream.destroy(new Error('closed'));
}
