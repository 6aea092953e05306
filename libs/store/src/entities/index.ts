import { AttachmentEntity } from './attachment.entity.js';
import { ClaimEntity } from './claim.entity.js';
import { EventHorizonEntity } from './event-horizon.entity.js';
import { EventEntity } from './event.entity.js';
import { IdempotencyKeyEntity } from './idempotency-key.entity.js';
import { MessageEntity } from './message.entity.js';
import { OperationEntity } from './operation.entity.js';
import { PoolEntity } from './pool.entity.js';
import { QuotaClassEntity } from './quota-class.entity.js';
import { QuotaLimitEntity } from './quota-limit.entity.js';
import { ServiceEntity } from './service.entity.js';
import { SnapshotEntity } from './snapshot.entity.js';
import { UsageEntity } from './usage.entity.js';
import { VolumeTypeAccessEntity } from './volume-type-access.entity.js';
import { VolumeTypeEntity } from './volume-type.entity.js';
import { VolumeEntity } from './volume.entity.js';
import { WebhookEntity } from './webhook.entity.js';
import { WorkerEntity } from './worker.entity.js';

export {
  AttachmentEntity,
  ClaimEntity,
  EventEntity,
  EventHorizonEntity,
  IdempotencyKeyEntity,
  MessageEntity,
  OperationEntity,
  PoolEntity,
  QuotaClassEntity,
  QuotaLimitEntity,
  ServiceEntity,
  SnapshotEntity,
  UsageEntity,
  VolumeTypeAccessEntity,
  VolumeTypeEntity,
  VolumeEntity,
  WebhookEntity,
  WorkerEntity,
};

/** Every table with an id of its own. A test holds them against what the migrations make. */
export const ENTITIES = [
  AttachmentEntity,
  ClaimEntity,
  EventEntity,
  EventHorizonEntity,
  IdempotencyKeyEntity,
  MessageEntity,
  OperationEntity,
  PoolEntity,
  QuotaClassEntity,
  QuotaLimitEntity,
  ServiceEntity,
  SnapshotEntity,
  UsageEntity,
  VolumeTypeAccessEntity,
  VolumeTypeEntity,
  VolumeEntity,
  WebhookEntity,
  WorkerEntity,
];
