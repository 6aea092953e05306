export * from './driver.js';
export * from './driver-factory.js';
export * from './driver-objects.js';
export * from './driver-pool-stats.js';
