export type { ConformanceStorage } from './conformance-storage.js';
export { type ConformanceOptions, driverConformance } from './driver-conformance.js';
