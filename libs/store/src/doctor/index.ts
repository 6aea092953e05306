export * from './at-rest-checks.js';
export * from './examine.js';
export * from './recount.js';
export * from './report.js';
export type { RowCheck } from './row-check.js';
export * from './row-checks.js';
export * from './run-row-checks.js';
