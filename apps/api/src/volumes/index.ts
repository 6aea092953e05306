import type { Provider, Type } from '@nestjs/common';
import { CreateVolume } from './create-volume.js';
import { DeleteVolume } from './delete-volume.js';
import { VolumesController } from './volumes.controller.js';

export const VOLUME_CONTROLLERS: Type[] = [VolumesController];
export const VOLUME_PROVIDERS: Provider[] = [CreateVolume, DeleteVolume];
