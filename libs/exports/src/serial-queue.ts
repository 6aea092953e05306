import { Fault } from '@scoria/domain';

/** Tasks that may wait. A volume service attaches tens at a time; more than this is a daemon that hangs. */
const MAX_WAITING = 1000;

/** Runs tasks one after another, in the order in which they came. */
export class SerialQueue {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** @throws Fault unavailable when too many wait; what `signal` was aborted with; whatever the task throws */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.waiting >= MAX_WAITING) {
      throw new Fault('unavailable', 'Too many exports are being changed.', { retryAfter: 10 });
    }
    signal?.throwIfAborted();
    this.waiting++;
    const gaveUp = Promise.withResolvers<never>();
    const leave = (): void => gaveUp.reject(signal?.reason);
    signal?.addEventListener('abort', leave, { once: true });
    const mine = this.last.then(() => {
      signal?.throwIfAborted();
      // It has begun, and is waited for whatever happens.
      signal?.removeEventListener('abort', leave);
      return task();
    });
    this.last = mine.then(
      () => undefined,
      () => undefined,
    );
    try {
      // Whoever waits behind a task that hangs may leave before its turn.
      return await Promise.race([mine, gaveUp.promise]);
    } finally {
      this.waiting--;
    }
  }

  /** Resolves when everything queued so far has ended. */
  async drained(): Promise<void> {
    await this.last;
  }
}
