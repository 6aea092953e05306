import type { OperationDefinition } from '../definition.js';
import { connectAttachment } from './connect-attachment.operation.js';
import { createSnapshot } from './create-snapshot.operation.js';
import { createVolume } from './create-volume.operation.js';
import { deleteSnapshot } from './delete-snapshot.operation.js';
import { deleteVolume } from './delete-volume.operation.js';
import { disconnectAttachment } from './disconnect-attachment.operation.js';
import { extendVolume } from './extend-volume.operation.js';
import { uploadVolume } from './upload-volume.operation.js';

export * from './connect-attachment.operation.js';
export * from './create-snapshot.operation.js';
export * from './create-volume.operation.js';
export * from './delete-snapshot.operation.js';
export * from './delete-volume.operation.js';
export * from './disconnect-attachment.operation.js';
export * from './extend-volume.operation.js';
export * from './operation-builder.js';
export * from './upload-volume.operation.js';

/** Everything that Scoria does durably. */
export const OPERATIONS = [
  createVolume,
  deleteVolume,
  extendVolume,
  uploadVolume,
  createSnapshot,
  deleteSnapshot,
  connectAttachment,
  disconnectAttachment,
] as readonly OperationDefinition<never>[];
