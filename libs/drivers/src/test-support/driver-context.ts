import { CommandRunner } from '@scoria/commands';
import type { DriverContext } from '../driver-factory.js';

export interface TestContext extends DriverContext {
  /** What the driver logged as warnings and errors. */
  warnings: string[];
}

/** A context for a driver made directly, on a backend named `test`. */
export function driverContext(stateDir: string, options: Record<string, unknown>): TestContext {
  const warnings: string[] = [];
  const warn = (message: string): number => warnings.push(message);
  return {
    backendName: 'test',
    options,
    commands: new CommandRunner({ owner: `test@${stateDir}` }),
    stateDir,
    logger: { debug: () => undefined, info: () => undefined, warn, error: warn },
    warnings,
  };
}
