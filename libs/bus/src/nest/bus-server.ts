import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { DEFAULT_DRAIN_MS } from '../options.js';
import type { Handler } from '../server/handlers.js';
import type { BusListener, BusService } from '../server/listener.js';
import type { MessageContext } from '../server/message-context.js';
import { BUS_TRANSPORT, type BusExtras } from './decorators.js';

export interface BusServerOptions {
  /** Queues that this service serves. */
  queues: readonly string[];
  /** Messages of each queue in hand at a time. */
  prefetch?: number;
  /** How long closing waits for running handlers, in milliseconds. Default 10,000. */
  drainMs?: number;
}

/**
 * Nest's transport strategy over either bus, so that handlers are ordinary controllers:
 * `app.connectMicroservice({ strategy: new BusServer(bus, { queues: ['scheduler'] }) })`.
 * The bus itself stays the caller's to close, after this.
 */
export class BusServer extends Server<Record<string, never>> implements CustomTransportStrategy {
  override readonly transportId = BUS_TRANSPORT;
  private service: BusService | undefined;

  constructor(
    private readonly bus: BusListener,
    private readonly options: BusServerOptions,
  ) {
    super();
  }

  /** Nest would chain a second handler of an event, and let a second one of a message replace the first. */
  override addHandler(
    pattern: string,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    const name = this.normalizePattern(pattern);
    if (this.messageHandlers.has(name)) throw new Error(`two handlers for contract ${name}`);
    super.addHandler(pattern, callback, isEventHandler, extras);
  }

  /** Does not wait for the broker: a service starts without it, and says through `connected` that it is away. */
  listen(callback: (error?: unknown) => void): void {
    try {
      this.service = this.bus.serve({ ...this.options, handlers: this.handlers() });
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  async close(): Promise<void> {
    await this.service?.drain(this.options.drainMs ?? DEFAULT_DRAIN_MS);
  }

  /** Nothing is emitted: what there is to know of the connection is on the service. */
  on(): void {
    throw new Error('a BusServer emits no events');
  }

  /** The BusService, once listening. */
  unwrap<T = BusService>(): T {
    if (this.service === undefined) throw new Error('the bus server does not listen yet');
    return this.service as T;
  }

  private handlers(): Handler[] {
    return [...this.messageHandlers.entries()].map(([name, callback]) => {
      const { contract } = (callback.extras ?? {}) as Partial<BusExtras>;
      if (contract === undefined)
        throw new Error(`handler ${name} has no contract: use the bus's decorators`);
      return { contract, handle: (body, context) => this.run(callback, body, context) };
    });
  }

  private async run(callback: MessageHandler, body: object, context: MessageContext): Promise<object | void> {
    const result: unknown = await callback(body, context);
    return lastValueFrom(this.transformToObservable(result), { defaultValue: undefined }) as Promise<
      object | void
    >;
  }
}
