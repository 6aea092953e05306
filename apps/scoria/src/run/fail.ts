import { ConfigError } from '@scoria/config';

/** Ends a command that could not do what it was asked: a sentence for a user's mistake, the stack for ours. */
export function fail(error: unknown): never {
  if (error instanceof ConfigError) console.error(error.message);
  else console.error(error instanceof Error ? error.stack : String(error));
  process.exit(1);
}
