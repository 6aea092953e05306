export * from './definition.js';
export * from './definitions/index.js';
export * from './engine/engine.js';
export * from './engine/options.js';
export * from './failure.js';
export * from './record.js';
export * from './step-handler.js';
export * from './store-port.js';
