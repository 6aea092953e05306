export * from './doorbell.controller.js';
export * from './logger.js';
export * from './operation-worker.js';
export * from './ring.js';
export * from './service-report.js';
