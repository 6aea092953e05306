export * from './backend-capabilities.js';
export * from './backend-examination.js';
export * from './bus.js';
export * from './contract.js';
export * from './doorbell.js';
export * from './pools-published.js';
