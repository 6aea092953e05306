import { hostname } from 'node:os';
import type { ApiDeps } from '../frame/deps.js';
import type { LogLevelBody } from './service-bodies.js';

export interface LogLevels {
  binary: string;
  host: string;
  /** By logger name; one logger serves a whole process here. */
  levels: Record<string, string>;
}

const BINARY = 'cinder-api';
const LOGGER = 'scoria';

/**
 * What is known of log levels: this process's own. Others have theirs from the same configuration file, and are not asked.
 */
export function ownLogLevels(
  { config }: Pick<ApiDeps, 'config'>,
  { binary, server, prefix }: LogLevelBody,
): LogLevels[] {
  const host = hostname();
  const meant = ['', '*', BINARY].includes(binary ?? '') && (!server || server === host);
  if (!meant) return [];
  const levels: Record<string, string> = LOGGER.startsWith(prefix ?? '')
    ? { [LOGGER]: config.log.level.toUpperCase() }
    : {};
  return [{ binary: BINARY, host, levels }];
}
