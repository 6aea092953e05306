import { Section } from './fields.js';
import { Redactable } from './redact.js';
import { AmqpConfig } from './sections/amqp.config.js';
import { ApiConfig } from './sections/api.config.js';
import { DatabaseConfig } from './sections/database.config.js';
import { EventsConfig } from './sections/events.config.js';
import { ImagesConfig } from './sections/images.config.js';
import { KeystoneConfig } from './sections/keystone.config.js';
import { LogConfig } from './sections/log.config.js';
import { MetricsConfig } from './sections/metrics.config.js';
import { OperationsConfig } from './sections/operations.config.js';
import { SchedulerConfig } from './sections/scheduler.config.js';
import { SecretsConfig } from './sections/secrets.config.js';
import { VolumeConfig } from './sections/volume.config.js';
import { WebhooksConfig } from './sections/webhooks.config.js';

/** The whole tree. All services read the same file and each uses its part. */
export class ScoriaConfig extends Redactable {
  @Section(() => DatabaseConfig)
  database: DatabaseConfig = new DatabaseConfig();

  @Section(() => AmqpConfig)
  amqp: AmqpConfig = new AmqpConfig();

  @Section(() => SecretsConfig)
  secrets: SecretsConfig = new SecretsConfig();

  @Section(() => ApiConfig)
  api: ApiConfig = new ApiConfig();

  @Section(() => KeystoneConfig)
  keystone: KeystoneConfig = new KeystoneConfig();

  @Section(() => ImagesConfig)
  images: ImagesConfig = new ImagesConfig();

  @Section(() => SchedulerConfig)
  scheduler: SchedulerConfig = new SchedulerConfig();

  @Section(() => VolumeConfig)
  volume: VolumeConfig = new VolumeConfig();

  @Section(() => OperationsConfig)
  operations: OperationsConfig = new OperationsConfig();

  @Section(() => EventsConfig)
  events: EventsConfig = new EventsConfig();

  @Section(() => WebhooksConfig)
  webhooks: WebhooksConfig = new WebhooksConfig();

  @Section(() => LogConfig)
  log: LogConfig = new LogConfig();

  @Section(() => MetricsConfig)
  metrics: MetricsConfig = new MetricsConfig();
}
