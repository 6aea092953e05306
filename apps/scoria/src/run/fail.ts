import { ConfigError } from '@scoria/config';
import { Fault, describeError } from '@scoria/domain';

/**
 * Ends a command that could not do what it was asked: a sentence for a user's mistake and for what is known to happen, the
 * stack for our own mistakes.
 */
export function fail(error: unknown, exitCode = 1): never {
  if (error instanceof ConfigError) console.error(error.message);
  else if (error instanceof Fault) console.error(describeError(error));
  else console.error(error instanceof Error ? error.stack : String(error));
  process.exit(exitCode);
}
