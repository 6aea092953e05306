export * from './command-error.js';
export * from './command-options.js';
export * from './command-runner.js';
export { redact } from './redact.js';
