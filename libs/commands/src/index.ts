export * from './command-error.js';
export * from './command-options.js';
export * from './command-runner.js';
export * from './copy-disk.js';
export { redact } from './redact.js';
