import type { CommandRunner } from '@scoria/commands';
import type { Driver } from './driver.js';

/** What drivers log to: a message, and what a reader needs to find the thing meant. */
export interface DriverLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export interface DriverContext {
  /** The backend's name in the configuration; part of `host@backend`. */
  backendName: string;
  /** The backend's options from the configuration, not yet validated. */
  options: Record<string, unknown>;
  /** Runs programs, marked as this backend's. */
  commands: CommandRunner;
  /** A directory of this backend alone on this host, kept over restarts. */
  stateDir: string;
  logger: DriverLogger;
}

/** What a driver's package exports as its default. */
export interface DriverFactory {
  /** Touches nothing: `setup()` does. @throws ConfigError for options that are unknown or wrong. */
  create(context: DriverContext): Driver;
}
