export { createVolumeService, type VolumeService, type VolumeServiceDeps } from './volume-service.js';
