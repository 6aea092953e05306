import { InProcessBus } from '../in-process/in-process-bus.js';
import type { BusOptions } from '../options.js';
import type { Harness, TestBus } from './harness.js';

/** Senders and services of one process share one bus. */
export class InProcessHarness implements Harness {
  private shared: InProcessBus | undefined;

  bus(options?: BusOptions): TestBus {
    this.shared ??= new InProcessBus(options);
    return this.shared;
  }

  async deadLetters(): Promise<{ queue: string; reason: string }[]> {
    return (this.shared?.deadLetters ?? []).map(({ queue, reason }) => ({ queue, reason }));
  }

  async close(): Promise<void> {
    await this.shared?.close();
  }
}
