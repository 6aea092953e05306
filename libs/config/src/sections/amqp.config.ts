import { IsOptional } from 'class-validator';
import { UrlOf, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** RabbitMQ: the bus between the services. */
export class AmqpConfig extends Redactable {
  /** `amqp://user:password@host:port/vhost` or `amqps://`. Absent: the in-process bus of the single-process run. */
  @IsOptional()
  @UrlOf('amqp', 'amqps')
  url?: string;

  /** Unacknowledged messages that one consumer holds at most. Default 64. */
  @Whole(1, 10_000)
  prefetch = 64;

  /** Messages that a queue holds before it refuses more. Default 100,000. */
  @Whole(1, 10_000_000)
  maxQueueLength = 100_000;

  /** Deliveries of one message before it goes to the dead-letter queue. Default 20. */
  @Whole(1, 1000)
  deliveryLimit = 20;
}
