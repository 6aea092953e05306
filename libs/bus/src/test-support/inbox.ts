import { waitFor } from '@scoria/testing';
import type { MessageContext } from '../server/message-context.js';

/** A handler that keeps what it is given, and that a test can hold up. */
export class Inbox<B extends object = object> {
  readonly bodies: B[] = [];
  readonly contexts: MessageContext[] = [];
  running = 0;
  mostRunning = 0;
  private gate = Promise.resolve();
  private openGate: () => void = () => undefined;

  constructor(private readonly failing: (body: B, context: MessageContext) => boolean = () => false) {}

  readonly handle = async (body: B, context: MessageContext): Promise<void> => {
    this.bodies.push(body);
    this.contexts.push(context);
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    await this.gate;
    this.running--;
    if (this.failing(body, context)) throw new Error('the handler failed');
  };

  /** Handlers do not end until `release`. */
  hold(): this {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = promise;
    this.openGate = resolve;
    return this;
  }

  release(): void {
    this.openGate();
  }

  async received(count: number): Promise<B[]> {
    await waitFor(() => this.bodies.length >= count, { describe: `${count} messages` });
    return this.bodies;
  }
}
