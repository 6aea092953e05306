export { describeUnless } from './describe-unless.js';
export { exportConformance } from './export-conformance.js';
export type { ExportHarness, RunningExport } from './export-harness.js';
export { initiatorAvailable, Initiator } from './initiator.js';
