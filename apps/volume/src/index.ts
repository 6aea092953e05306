export { createVolumeService, type VolumeService, type VolumeServiceDeps } from './volume-service.js';
export { iscsiStateDir } from './build-backend.js';
