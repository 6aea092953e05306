import { Fault } from '@scoria/domain';
import type { Database } from '../database.js';
import type { NotificationListener } from '../notification-listener.js';
import { EVENTS_CHANNEL } from './event-bell.js';
import { compareCursors, type EventCursor } from './event-cursor.js';
import { matches, type EventFilter } from './event-filter.js';
import { feedEnds, readEvents, type EventPage, type FeedEvent } from './read-events.js';

/** Events that are kept for those who follow; who is further behind reads from the database. */
const KEPT = 2000;
const PAGE = 500;

/** Milliseconds between two looks for what no notification told of. */
const POLL_MS = 2000;
/** The same while committed events wait for an older transaction, whose end nobody tells of. */
const HELD_POLL_MS = 50;
/** After a failure. */
const RETRY_MS = 1000;

const EVERYTHING: EventFilter = { projectId: null, types: [] };

/**
 * The newest events, read once for all who follow them in this process, and only while somebody does. Reads in the order
 * of the feed, so that a follower can change between the database and the tail at any cursor.
 */
export class EventTail {
  private events: FeedEvent[] = [];
  /** The tail holds all events in (start, end]. */
  private start: EventCursor | undefined;
  private end: EventCursor | undefined;
  private followers = 0;
  private running: Promise<void> | undefined;
  private readonly waiting = new Set<() => void>();
  private wake: () => void = () => {};
  /** Whether something has called since the last look began. */
  private rung = false;

  constructor(
    private readonly database: Database,
    private readonly listener: NotificationListener,
  ) {}

  /** Keeps the tail running until the returned function is called. */
  follow(): () => void {
    this.followers++;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    let following = true;
    return () => {
      if (following) this.followers--;
      following = false;
      if (this.followers === 0) this.ring();
    };
  }

  /** A page from memory, or undefined when the cursor is not in what is kept. */
  read(after: EventCursor, filter: EventFilter, limit: number): EventPage | undefined {
    const { start, end } = this;
    if (!start || !end || compareCursors(after, start) < 0 || compareCursors(after, end) > 0)
      return undefined;
    const events: FeedEvent[] = [];
    for (let index = this.firstAfter(after); index < this.events.length; index++) {
      const event = this.events[index]!;
      if (!matches(filter, event)) continue;
      events.push(event);
      if (events.length === limit) return { events, next: event.cursor, more: true, held: false };
    }
    return { events, next: end, more: false, held: false };
  }

  /** Resolves when something has been read behind `after`, or after `limitMs`, or when `signal` says so. */
  changed(after: EventCursor, limitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || (this.end && compareCursors(this.end, after) > 0)) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      signal.addEventListener('abort', done);
      this.waiting.add(done);
    });
  }

  private async run(): Promise<void> {
    const unlisten = this.listener.on(EVENTS_CHANNEL, () => this.ring());
    try {
      // Nobody looked meanwhile: what is kept from before would have a gap behind it.
      this.forget();
      while (this.followers > 0) {
        this.rung = false;
        const pause = await this.advance().catch((error: unknown) => this.failed(error));
        if (pause > 0 && !this.rung) await this.woken(pause);
      }
    } finally {
      unlisten();
    }
  }

  /** Reads on; answers the milliseconds to wait unless woken. */
  private async advance(): Promise<number> {
    if (!this.end) {
      this.end = (await feedEnds(this.database)).newest;
      this.start = this.end;
      // What was written before is in no page that comes: who waits for it looks for itself.
      this.wakeAll();
    }
    const page = await readEvents(this.database, { after: this.end, limit: PAGE, filter: EVERYTHING });
    this.events.push(...page.events);
    this.end = page.next;
    const excess = this.events.length - KEPT;
    if (excess > 0) this.start = this.events.splice(0, excess).at(-1)!.cursor;
    if (page.events.length > 0) this.wakeAll();
    return page.more ? 0 : page.held ? HELD_POLL_MS : POLL_MS;
  }

  private failed(error: unknown): number {
    // What comes next has been removed, or the database is another one: those who follow are told when they read there.
    if (error instanceof Fault && error.kind === 'gone') {
      this.forget();
      this.wakeAll();
    }
    return RETRY_MS;
  }

  private wakeAll(): void {
    [...this.waiting].forEach((wake) => wake());
  }

  private forget(): void {
    [this.start, this.end, this.events] = [undefined, undefined, []];
  }

  private ring(): void {
    this.rung = true;
    this.wake();
  }

  private woken(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake(), limitMs);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = () => {};
        resolve();
      };
    });
  }

  private firstAfter(cursor: EventCursor): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareCursors(this.events[middle]!.cursor, cursor) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
