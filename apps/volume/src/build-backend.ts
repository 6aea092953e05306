import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import type { BackendConfig, ScoriaConfig } from '@scoria/config';
import { backendName, describeError } from '@scoria/domain';
import { loadDriver, type DriverLogger } from '@scoria/drivers';
import { createExport, type ExportProtocol } from '@scoria/exports';
import type { ServiceLogger } from '@scoria/worker';
import { Backend } from './backend.js';

/** Makes the backends of the configuration. Touches nothing yet: their `setup()` does. */
export async function buildBackends(
  { volume }: ScoriaConfig,
  logger: ServiceLogger,
  onExportsLost: () => void,
): Promise<Backend[]> {
  const exports = new Exports(volume, logger, onExportsLost);
  return Promise.all(
    volume.backends.map(async (config) => {
      const factory = await loadDriver(config.driver);
      const driver = factory.create({
        backendName: config.name,
        options: config.options,
        commands: new CommandRunner({ owner: backendName({ host: volume.host, backend: config.name }) }),
        stateDir: stateDirOf(volume, config),
        logger: driverLogger(logger),
      });
      return new Backend(volume.host, config, driver, exports.of(config));
    }),
  );
}

export const stateDirOf = (volume: ScoriaConfig['volume'], config: BackendConfig): string =>
  join(volume.stateDir, 'backends', config.name);

/** Where the host's one target daemon keeps its socket and log. */
export const iscsiStateDir = ({ stateDir }: Pick<ScoriaConfig['volume'], 'stateDir'>): string =>
  join(stateDir, 'iscsi');

/** One target daemon serves all iSCSI backends of a host; a local export is each backend's own. */
class Exports {
  private iscsi: ExportProtocol | undefined;

  constructor(
    private readonly volume: ScoriaConfig['volume'],
    private readonly logger: ServiceLogger,
    private readonly onExportsLost: () => void,
  ) {}

  of(config: BackendConfig): ExportProtocol {
    const { volume } = this;
    const deps = {
      commands: new CommandRunner({ owner: `${volume.host} exports` }),
      onRestart: this.onExportsLost,
      onTrouble: (message: string, cause?: unknown) =>
        this.logger.warn(cause === undefined ? {} : { cause: describeError(cause) }, message),
    };
    if (config.export === 'local') {
      return createExport('local', { stateDir: join(stateDirOf(volume, config), 'exports') }, deps);
    }
    this.iscsi ??= createExport('iscsi', { ...volume.iscsi, stateDir: iscsiStateDir(volume) }, deps);
    return this.iscsi;
  }
}

/** Drivers log a message and fields; services log fields and a message. */
const driverLogger = (logger: ServiceLogger): DriverLogger => ({
  debug: (message, fields = {}) => logger.debug(fields, message),
  info: (message, fields = {}) => logger.info(fields, message),
  warn: (message, fields = {}) => logger.warn(fields, message),
  error: (message, fields = {}) => logger.error(fields, message),
});
