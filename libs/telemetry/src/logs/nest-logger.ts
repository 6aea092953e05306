import type { LoggerService, LogLevel } from '@nestjs/common';
import type { Logger } from './logger.js';

/** Nest's own log lines, and those of Nest's `Logger`, through ours: `app.useLogger(new NestLogger(logger))`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('info', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  /** Nest calls `error(message, stack?, context?)`. */
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  setLogLevels(levels: LogLevel[]): void {
    const order = ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const;
    const least = order.find((level) => levels.includes(level));
    this.logger.level = least === undefined ? 'silent' : { ...PINO_LEVEL, log: 'info' }[least];
  }

  /** The last argument of a Nest log call is the context's name; one before it, on errors, is a stack. */
  private write(
    level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal',
    message: unknown,
    rest: unknown[],
  ) {
    const context = typeof rest.at(-1) === 'string' && !isStack(rest.at(-1)) ? rest.at(-1) : undefined;
    const more = context === undefined ? rest : rest.slice(0, -1);
    const fields: Record<string, unknown> = { context };
    const stack = more.find(isStack);
    if (stack !== undefined) fields.stack = stack;
    const details = more.filter((item) => item !== stack && item !== undefined);
    if (details.length > 0) fields.details = details;
    if (message instanceof Error) this.logger[level]({ ...fields, error: message }, message.message);
    else if (typeof message === 'object') this.logger[level]({ ...fields, details: [message, ...details] });
    else this.logger[level](fields, String(message));
  }
}

const PINO_LEVEL = {
  verbose: 'trace',
  debug: 'debug',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
} as const;

const isStack = (value: unknown): boolean => typeof value === 'string' && /\n\s+at /.test(value);
