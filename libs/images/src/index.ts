export * from './conversion/conversion-options.js';
export * from './conversion/fetch-image-to-device.js';
export * from './conversion/upload-device-to-image.js';
export * from './directory/directory-image-service.js';
export { checkImage, DISK_FORMATS, type VolumeBounds } from './format/acceptable-image.js';
export { type GlanceOptions, GlanceImageService } from './glance/glance-image-service.js';
export * from './image-caller.js';
export * from './image-info.js';
export * from './image-service.js';
