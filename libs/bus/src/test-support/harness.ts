import type { Bus } from '@scoria/contracts';
import type { BusOptions } from '../options.js';
import type { BusListener } from '../server/listener.js';

export type TestBus = Bus & BusListener;

/** Where the contract suite finds its buses. Each test opens one and closes it. */
export interface Harness {
  /** A bus as a sender or a service has it. All buses of one harness reach each other. */
  bus(options?: BusOptions): TestBus;
  deadLetters(): Promise<{ queue: string; reason: string }[]>;
  close(): Promise<void>;
}

/** The queue that the tests serve; a harness removes it afterwards. */
export const QUEUE = 'volume.host-1@lvm';
export const OTHER_QUEUE = 'scheduler';

/** The first test file that asks for the broker waits for it to start. */
export const BROKER_START_MS = 180_000;
