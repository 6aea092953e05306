import { volumeQueue } from '@scoria/domain';
import type { StatsPublisher } from './stats-publisher.js';

/** The publisher of each backend that is up, by the backend's queue. */
export class Publishers {
  private readonly byQueue = new Map<string, StatsPublisher>();

  add(queue: string, publisher: StatsPublisher): void {
    this.byQueue.set(queue, publisher);
  }

  of(queue: string): StatsPublisher | undefined {
    return this.byQueue.get(queue);
  }

  /** Something has changed on `backend`, an address; not on the others, whose files need not be counted again. */
  nudge(backend: string | null): void {
    if (backend !== null) this.of(volumeQueue(backend))?.nudge();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.byQueue.values()].map((publisher) => publisher.stop()));
  }
}
