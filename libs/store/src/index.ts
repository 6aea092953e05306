export * from './database.js';
export { PoolFullError } from './errors.js';
export * from './operations/insert-operation.js';
export * from './operations/operation-waiter.js';
export * from './operations/postgres-operation-store.js';
export * from './pools.js';
export * from './volume-status.js';
