export * from './cancel-operation.js';
export * from './idempotency.js';
export * from './insert-volume.js';
export * from './resolve-type.js';
export * from './snapshot-rows.js';
export * from './volume-rows.js';
