import { operation } from './operation-builder.js';

export interface UploadVolumeInput {
  /** The image the gateway has made, still without data. */
  imageId: string;
  imageName: string;
  diskFormat: string;
  containerFormat: string;
  /** The project that made the image, which an administrator need not share with the volume. */
  imageOwner?: string;
  /** Whether the image is to be protected. Its last touch: a protected image could not be taken away by the undo. */
  protect?: boolean;
  /** In-use volumes go back to in-use. */
  previousStatus: string;
}

/** Copies a volume into an image. A failure removes the image and gives the volume its status back. */
export const uploadVolume = operation<UploadVolumeInput>('volume.upload', 1, {
  deadlineSeconds: 24 * 3600,
  cancel: 'undo',
  again: 'os-volume_upload_image',
})
  .step('upload', { at: 'backend', undo: true })
  .define();
