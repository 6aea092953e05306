import type { Delivery } from '../server/dispatcher.js';

/** Takes one delivery; resolves to whether it wants the message handed out again. Never rejects. */
export type Consume = (delivery: Delivery) => Promise<'settled' | 'again'>;

interface Waiting {
  /** The order in which messages came; one that is given back takes its old place. */
  readonly place: number;
  readonly delivery: Delivery;
}

interface Consumer {
  readonly prefetch: number;
  readonly consume: Consume;
  running: number;
}

/** A bounded queue in memory, handed out in order to its consumers, each with a bounded number in hand. */
export class WorkQueue {
  private readonly waiting: Waiting[] = [];
  private places = 0;
  private readonly consumers = new Set<Consumer>();
  private pumping = false;

  constructor(
    private readonly limit: number,
    /** Runs outside of whoever put the message in, so that nothing of the sender's reaches a handler. */
    private readonly detached: (work: () => void) => void,
  ) {}

  get served(): boolean {
    return this.consumers.size > 0;
  }

  /** False when the queue is full. */
  push(delivery: Delivery): boolean {
    if (this.waiting.length >= this.limit) return false;
    this.waiting.push({ place: this.places++, delivery });
    this.pump();
    return true;
  }

  /** Makes room by dropping the oldest. */
  pushOverOldest(delivery: Delivery): void {
    if (this.waiting.length >= this.limit) this.waiting.shift();
    this.push(delivery);
  }

  /** Returns what ends the consumption; messages in hand stay there. */
  consume(prefetch: number, consume: Consume): () => void {
    const consumer: Consumer = { prefetch, consume, running: 0 };
    this.consumers.add(consumer);
    this.pump();
    return () => void this.consumers.delete(consumer);
  }

  /** Drops everything that waits. */
  clear(): void {
    this.waiting.length = 0;
  }

  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    this.detached(() => {
      setImmediate(() => {
        this.pumping = false;
        this.handOut();
      });
    });
  }

  private handOut(): void {
    while (this.waiting.length > 0) {
      const consumer = this.leastBusy();
      if (consumer === undefined) return;
      // Its turn comes again after the others': what it has given back may be for them.
      this.consumers.delete(consumer);
      this.consumers.add(consumer);
      void this.run(consumer, this.waiting.shift()!);
    }
  }

  private giveBack({ place, delivery }: Waiting): void {
    const index = this.waiting.findIndex((other) => other.place > place);
    const again = { place, delivery: { ...delivery, deliveries: delivery.deliveries + 1 } };
    this.waiting.splice(index === -1 ? this.waiting.length : index, 0, again);
    this.pump();
  }

  private leastBusy(): Consumer | undefined {
    const free = [...this.consumers].filter(({ running, prefetch }) => running < prefetch);
    return free.sort((a, b) => a.running - b.running)[0];
  }

  private async run(consumer: Consumer, taken: Waiting): Promise<void> {
    consumer.running++;
    const end = await consumer.consume(taken.delivery);
    consumer.running--;
    if (end === 'again') this.giveBack(taken);
    else this.pump();
  }
}
