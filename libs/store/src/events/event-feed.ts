import type { Database } from '../database.js';
import type { NotificationListener } from '../notification-listener.js';
import { EventTail } from './event-tail.js';
import { readEvents, type EventPage, type EventQuery } from './read-events.js';
import type { EventCursor } from './event-cursor.js';

/** A reader that stays. */
export interface Follower {
  /** As `EventFeed.read`, from memory where it can. */
  read(query: EventQuery): Promise<EventPage>;
  /** Resolves when there may be something behind the cursor, at the latest after `limitMs`. */
  changed(after: EventCursor, limitMs: number, signal: AbortSignal): Promise<void>;
  end(): void;
}

/** What happened, in an order in which nothing appears behind a reader's back. */
export class EventFeed {
  private readonly tail: EventTail;

  constructor(
    private readonly database: Database,
    listener: NotificationListener,
  ) {
    this.tail = new EventTail(database, listener);
  }

  /** @throws Fault `gone` when events behind the cursor have been removed */
  read(query: EventQuery): Promise<EventPage> {
    return readEvents(this.database, query);
  }

  follow(): Follower {
    const end = this.tail.follow();
    return {
      read: async (query) =>
        this.tail.read(query.after, query.filter, query.limit) ?? (await this.read(query)),
      changed: (after, limitMs, signal) => this.tail.changed(after, limitMs, signal),
      end,
    };
  }
}
