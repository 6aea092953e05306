export * from './backend-address.js';
export * from './errors.js';
export * from './names.js';
export * from './pool-state.js';
export * from './request-context.js';
export * from './capacity.js';
export * from './lifecycles.js';
export * from './user-messages.js';
