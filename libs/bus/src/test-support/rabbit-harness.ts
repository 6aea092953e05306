import { randomUUID } from 'node:crypto';
import { waitFor } from '@scoria/testing';
import { type ConfirmChannel, connect } from 'amqplib';
import type { RabbitBusOptions } from '../options.js';
import { RabbitBus } from '../rabbit/rabbit-bus.js';
import { HEADER } from '../wire/headers.js';
import { type Harness, OTHER_QUEUE, QUEUE } from './harness.js';

/** Buses under a prefix of their own on a broker that other tests use, too. */
export class RabbitHarness implements Harness {
  readonly prefix = `test-${randomUUID()}.`;
  private readonly buses: RabbitBus[] = [];

  constructor(private readonly url: string) {}

  bus(options: Partial<RabbitBusOptions> = {}): RabbitBus {
    const bus = new RabbitBus({ url: this.url, prefix: this.prefix, name: 'bus-test', ...options });
    this.buses.push(bus);
    return bus;
  }

  /** Looks without taking: what was fetched goes back, and lies there again before this resolves. */
  async deadLetters(): Promise<{ queue: string; reason: string }[]> {
    const dead = `${this.prefix}scoria.dead`;
    return this.inBroker(async (channel) => {
      const letters: { queue: string; reason: string }[] = [];
      for (;;) {
        const message = await channel.get(dead);
        if (message === false) {
          channel.nackAll(true);
          const returned = async () => (await channel.checkQueue(dead)).messageCount >= letters.length;
          await waitFor(returned, { describe: 'the dead letters to lie in their queue again' });
          return letters;
        }
        const headers = message.properties.headers ?? {};
        // The bus says why it gave up; for what the broker gave up by itself, the broker says it.
        letters.push({
          queue: String(headers[HEADER.deadQueue] ?? headers['x-first-death-queue']),
          reason: String(headers[HEADER.deadReason] ?? headers['x-first-death-reason']),
        });
      }
    });
  }

  /** Writes what no bus would write. */
  async publishRaw(key: string, content: Buffer, headers: Record<string, string>): Promise<void> {
    await this.inBroker(async (channel) => {
      channel.publish(`${this.prefix}scoria`, key, content, {
        headers,
        persistent: true,
        messageId: randomUUID(),
      });
      await channel.waitForConfirms();
    });
  }

  async deleteQueue(queue: string): Promise<void> {
    await this.inBroker(async (channel) => void (await channel.deleteQueue(this.prefix + queue)));
  }

  async deleteExchange(exchange: string): Promise<void> {
    await this.inBroker(async (channel) => void (await channel.deleteExchange(this.prefix + exchange)));
  }

  async close(): Promise<void> {
    await Promise.all(this.buses.map((bus) => bus.close()));
    await this.inBroker(async (channel) => {
      for (const queue of [QUEUE, OTHER_QUEUE, 'scoria.dead']) {
        await channel.deleteQueue(this.prefix + queue);
        await channel.deleteQueue(`${this.prefix}${queue}.calls`);
      }
      for (const exchange of ['scoria', 'scoria.fanout', 'scoria.dead']) {
        await channel.deleteExchange(this.prefix + exchange);
      }
    });
  }

  private async inBroker<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const connection = await connect(this.url, { noDelay: true });
    try {
      return await work(await connection.createConfirmChannel());
    } finally {
      await connection.close();
    }
  }
}
