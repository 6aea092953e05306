import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import {
  encodeCursor,
  type EventCursor,
  type EventFeed,
  type EventFilter,
  type FeedEvent,
} from '@scoria/store';
import { SlowClient, write } from './patient-write.js';

/** Events that are sent at once, and all that is held for one client. */
const PAGE = 100;

/**
 * Milliseconds after a page on which nothing was for the client, before the next one: who asks for something rare, from long
 * ago, leaves the database to others meanwhile.
 */
const PAUSE_MS = 20;

/** Milliseconds after which clients come again, spread so that those of a stopped gateway do not come at once. */
const RETRY_MS = { least: 1000, spread: 2000 };

/** Why a stream ended: the client went, was too slow, its time was up, the gateway stops, or reading failed. */
export type StreamEnd = 'client' | 'slow' | 'lifetime' | 'stop' | 'error';

export interface EventStreamOptions {
  after: EventCursor;
  filter: EventFilter;
  lifetimeMs: number;
  heartbeatMs: number;
  /** Milliseconds that a client may take to receive what was sent. */
  slowMs: number;
  /** Told why reading failed. */
  onError: (cause: unknown) => void;
}

/**
 * One client's Server-Sent Events (HTML Living Standard, 9.2). It pulls: nothing is read for a client that has not received
 * what came before, so that a slow one costs a page of memory, and is cut off in the end.
 */
export class EventStream {
  private position: EventCursor;
  private lastSent = performance.now();

  constructor(
    private readonly feed: EventFeed,
    private readonly options: EventStreamOptions,
  ) {
    this.position = options.after;
  }

  /** Returns when the stream has ended, for whatever reason; never throws. */
  async run(response: ServerResponse, stopping: AbortSignal): Promise<StreamEnd> {
    const gone = new AbortController();
    // Gone already, while its token was being checked: nobody says so once more.
    if (response.closed) gone.abort();
    else response.once('close', () => gone.abort());
    const expired = AbortSignal.timeout(this.options.lifetimeMs);
    const end = AbortSignal.any([gone.signal, expired, stopping]);
    const follower = this.feed.follow();
    try {
      const retry = RETRY_MS.least + Math.floor(Math.random() * RETRY_MS.spread);
      await this.send(response, end, `retry: ${retry}\n${this.mark()}`);
      while (!end.aborted) {
        const { events, next, more } = await follower.read({
          after: this.position,
          limit: PAGE,
          filter: this.options.filter,
        });
        this.position = next;
        if (events.length > 0) await this.send(response, end, events.map(frame).join(''));
        else if (this.silentFor() >= this.options.heartbeatMs) await this.send(response, end, this.beat());
        if (end.aborted) break;
        if (!more) await follower.changed(this.position, this.options.heartbeatMs - this.silentFor(), end);
        else if (events.length === 0) await delay(PAUSE_MS, undefined, { signal: end }).catch(() => {});
      }
      // One that has not received what was sent would keep a stopping gateway waiting.
      if (response.writableNeedDrain) response.destroy();
      else response.end();
      return gone.signal.aborted ? 'client' : stopping.aborted ? 'stop' : 'lifetime';
    } catch (error) {
      const slow = error instanceof SlowClient;
      // Cut off in the middle where it does not read; else ended, so that it comes again and is told what is wrong.
      if (slow) response.destroy();
      else response.end();
      if (gone.signal.aborted) return 'client';
      if (!slow) this.options.onError(error);
      return slow ? 'slow' : 'error';
    } finally {
      follower.end();
    }
  }

  private async send(response: ServerResponse, end: AbortSignal, text: string): Promise<void> {
    await write(response, text, this.options.slowMs, end);
    this.lastSent = performance.now();
  }

  private silentFor(): number {
    return performance.now() - this.lastSent;
  }

  /** A sign of life, which carries how far the client has come. */
  private beat(): string {
    return `:\n${this.mark()}`;
  }

  /** An id without data is no event to a client, but where it goes on from. */
  private mark(): string {
    return `id: ${encodeCursor(this.position)}\n\n`;
  }
}

const frame = ({ cursor, type, json }: FeedEvent): string =>
  `id: ${encodeCursor(cursor)}\nevent: ${type}\ndata: ${json}\n\n`;
