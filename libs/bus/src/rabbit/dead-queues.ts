import { Logger } from '@nestjs/common';
import type { ChannelModel } from 'amqplib';
import { describeError } from '@scoria/domain';
import { SilentBrokerError, answered } from './answered.js';

/** Milliseconds to remove a queue; the broker itself waits five seconds for one that is silent. */
const REMOVAL_MS = 10_000;

/** Attempts in a row that failed for a queue before it is made anew. */
const PATIENCE = 2;

/** AMQP's reply code when the broker meets an error of its own; it closes the connection with it. */
const INTERNAL_ERROR = 541;

/**
 * Queues that are there and dead. A broker that was killed may come back with a quorum queue whose record has survived
 * and whose process has not, or does not answer: it can be declared, and whoever wants to consume from it waits for ever
 * or loses the connection (RabbitMQ 3.10). Waiting does not mend that, so after a second failure the queue is removed
 * and declared anew. What was in it is lost, which costs a sweep: messages are doorbells.
 */
export class DeadQueues {
  private readonly logger = new Logger('Bus');
  private readonly failures = new Map<string, number>();

  /**
   * Asks the broker about a queue, with `answered` around each thing that is asked. A failure ends the attempt; whoever
   * connects again comes back here.
   *
   * @throws Error when the broker does not answer in time, or refuses
   */
  async ask<T>(
    connection: ChannelModel,
    queue: string,
    remove: () => Promise<unknown>,
    question: () => Promise<T>,
  ): Promise<T> {
    if ((this.failures.get(queue) ?? 0) >= PATIENCE) await this.removed(queue, remove);
    let broken = false;
    const notice = ({ code }: Error & { code?: unknown }): void => {
      broken ||= code === INTERNAL_ERROR;
    };
    connection.on('error', notice);
    try {
      const answer = await question();
      this.failures.delete(queue);
      return answer;
    } catch (error) {
      const silent = error instanceof SilentBrokerError;
      if (broken || silent) this.failures.set(queue, (this.failures.get(queue) ?? 0) + 1);
      throw silent ? new Error(`the broker does not answer about queue ${queue}`) : error;
    } finally {
      connection.off('error', notice);
    }
  }

  private async removed(queue: string, remove: () => Promise<unknown>): Promise<void> {
    this.failures.delete(queue);
    this.logger.warn(`queue ${queue} is there and dead; it is removed and declared anew`);
    await answered(remove(), REMOVAL_MS).catch((error: unknown) =>
      this.logger.warn(`queue ${queue} could not be removed: ${describeError(error)}`),
    );
  }
}
