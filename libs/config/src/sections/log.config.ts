import { Choice, Flag } from '../fields.js';
import { Redactable } from '../redact.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Logs, written to standard output. */
export class LogConfig extends Redactable {
  /** Least severity written. Default `info`. */
  @Choice(LOG_LEVELS)
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent' = 'info';

  /** Lines for people instead of JSON. Default false. */
  @Flag()
  pretty = false;
}
