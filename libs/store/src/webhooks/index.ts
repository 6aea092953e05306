export * from './webhook-deliveries.js';
export * from './webhook-rows.js';
export * from './webhook-views.js';
