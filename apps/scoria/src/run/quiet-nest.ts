import { Logger as NestStaticLogger } from '@nestjs/common';
import { NestLogger, type Logger } from '@scoria/telemetry';

/**
 * Sends Nest's own log lines, and those of its static logger, to ours: warnings and worse, through a child, since Nest
 * sets the level of what it is given. For the whole process, so no application is given a logger of its own.
 */
export function quietNest(logger: Logger): void {
  NestStaticLogger.overrideLogger(new NestLogger(logger.child({}, { level: 'warn' })));
}
