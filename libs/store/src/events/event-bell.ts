/** Channel on which readers of the feed are woken. */
export const EVENTS_CHANNEL = 'scoria_events';

/** Milliseconds within which one ring does for all events of a process. */
const GATHER_MS = 50;

/**
 * Wakes the feed's readers after commits. Not by `pg_notify` within them: a transaction that notifies takes a lock of the
 * whole server until its commit is on disk, so that no two of them share a flush. A ring that is lost costs readers one
 * poll.
 */
export class EventBell {
  private timer: NodeJS.Timeout | undefined;

  /** @param send notifies the channel; may fail */
  constructor(private readonly send: () => Promise<unknown>) {}

  ring(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.send().catch(() => {});
    }, GATHER_MS).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
