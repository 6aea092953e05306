import type { Provider, Type } from '@nestjs/common';
import { ActionDispatcher } from '../actions/action-dispatcher.js';
import { LEGACY_ATTACH_ACTIONS } from '../attachments/index.js';
import { AdminActions } from './admin.action.js';
import { CreateVolume } from './create-volume.js';
import { DeleteVolume } from './delete-volume.js';
import { VolumeEncryptionController } from './encryption.controller.js';
import { ExtendActions } from './extend.action.js';
import { FlagActions } from './flags.action.js';
import { ImageMetadataActions } from './image-metadata.action.js';
import { UpdateVolume } from './update-volume.js';
import { UploadImageActions } from './upload-image.action.js';
import { VOLUME_ACTIONS, VolumeActionsController } from './volume-actions.controller.js';
import { VolumeMetadataController } from './volume-metadata.controller.js';
import { VolumesController } from './volumes.controller.js';

/** What handles `POST /volumes/{id}/action`, by families. */
const ACTIONS: Type[] = [ExtendActions, FlagActions, ImageMetadataActions, UploadImageActions, AdminActions];

export const VOLUME_CONTROLLERS: Type[] = [
  VolumesController,
  VolumeMetadataController,
  VolumeEncryptionController,
  VolumeActionsController,
];

export const VOLUME_PROVIDERS: Provider[] = [
  CreateVolume,
  UpdateVolume,
  DeleteVolume,
  ...ACTIONS,
  {
    provide: VOLUME_ACTIONS,
    inject: [...ACTIONS, ...LEGACY_ATTACH_ACTIONS],
    useFactory: (...providers: object[]) =>
      new ActionDispatcher('POST /volumes/:id/action', 'Volume', providers),
  },
];
