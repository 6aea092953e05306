import { type ConfirmChannel, IllegalOperationError, type Message, type Options } from 'amqplib';

/**
 * What became of a message: the broker has it; no queue wanted it; the queue is full; or the channel broke
 * first, so that nobody knows.
 */
export type PublishResult = 'confirmed' | 'returned' | 'rejected' | 'lost';

type PublishOptions = Options.Publish & { messageId: string };

/** A channel in confirm mode that says what became of each message. */
export class ConfirmedChannel {
  /** The broker sends a return before the confirmation of the same message. */
  private readonly returned = new Set<string>();
  private open = true;

  constructor(readonly channel: ConfirmChannel) {
    channel.on('return', (message: Message) => this.returned.add(String(message.properties.messageId)));
    // Before amqplib's own listener, which fails the waiting confirmations.
    channel.prependListener('close', () => (this.open = false));
  }

  /** Rejects only when the message cannot be written as AMQP at all. */
  publish(exchange: string, key: string, content: Buffer, options: PublishOptions): Promise<PublishResult> {
    return new Promise((resolve, reject) => {
      try {
        this.channel.publish(exchange, key, content, options, (error: unknown) => {
          if (this.returned.delete(options.messageId)) resolve('returned');
          else if (!error) resolve('confirmed');
          else resolve(this.open ? 'rejected' : 'lost');
        });
      } catch (error) {
        if (error instanceof IllegalOperationError) resolve('lost');
        else reject(error as Error);
      }
    });
  }
}
