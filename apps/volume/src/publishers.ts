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

  nudgeAll(): void {
    for (const publisher of this.byQueue.values()) publisher.nudge();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.byQueue.values()].map((publisher) => publisher.stop()));
  }
}
