export type { FilterWish } from './filters.js';
export * from './list-rows.js';
export * from './pending-migrations.js';
export * from './show-row.js';
export * from './snapshots.view.js';
export * from './view.js';
export * from './volumes.view.js';
export * from './volume-summary.js';
