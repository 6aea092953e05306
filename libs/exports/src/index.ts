export { generateChap } from './chap.js';
export {
  type Connector,
  MAX_CONNECTOR_BYTES,
  parseConnector,
  requireHost,
  requireInitiator,
} from './connector.js';
export { createExport, type ExportDependencies, type ExportKinds } from './create-export.js';
export * from './export-protocol.js';
export { ExportsAway } from './exports-away.js';
export { LocalExport, type LocalExportOptions } from './local/local-export.js';
export { endTgtDaemon } from './tgt/end-tgt-daemon.js';
export { tgtAvailable } from './tgt/tgt-available.js';
export { TgtExport, type TgtExportDependencies } from './tgt/tgt-export.js';
export { DEFAULT_TARGET_PREFIX, type TgtExportOptions } from './tgt/tgt-options.js';
