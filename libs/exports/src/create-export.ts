import type { CommandRunner } from '@scoria/commands';
import type { ExportProtocol } from './export-protocol.js';
import { LocalExport, type LocalExportOptions } from './local/local-export.js';
import { TgtExport } from './tgt/tgt-export.js';
import { DEFAULT_TARGET_PREFIX, type TgtExportOptions } from './tgt/tgt-options.js';

export interface ExportKinds {
  iscsi: Pick<TgtExportOptions, 'stateDir' | 'portalAddress'> & Partial<TgtExportOptions>;
  local: LocalExportOptions;
}

export interface ExportDependencies {
  commands: Pick<CommandRunner, 'run'>;
  /** What serves the exports started anew and is empty: make every export again. Must not throw. */
  onRestart?: () => void;
  /** Something for the operator's log. Holds no secret. */
  onTrouble?: (message: string, cause?: unknown) => void;
}

const TGT_DEFAULTS = {
  portalPort: 3260,
  controlPort: 1,
  targetPrefix: DEFAULT_TARGET_PREFIX,
  startDaemon: true,
};

type Factories = {
  [Kind in keyof ExportKinds]: (options: ExportKinds[Kind], deps: ExportDependencies) => ExportProtocol;
};

const FACTORIES: Factories = {
  iscsi: (options, deps) => new TgtExport({ ...TGT_DEFAULTS, ...options }, deps),
  local: (options) => new LocalExport(options),
};

/**
 * Makes the export protocol that a back end is configured for. Touches nothing: `setup()` does.
 *
 * @throws ConfigError that names each option of iSCSI that cannot work
 */
export function createExport<Kind extends keyof ExportKinds>(
  kind: Kind,
  options: ExportKinds[Kind],
  deps: ExportDependencies,
): ExportProtocol {
  return FACTORIES[kind](options, deps);
}
