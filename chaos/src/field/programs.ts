import { CommandRunner } from '@scoria/commands';

const LIMIT_MS = 60_000;
const runner = new CommandRunner({ owner: 'scoria-chaos' });

/** Runs one of the system's programs and answers what it prints. */
export async function runProgram(
  program: string,
  args: string[],
  { env, timeoutMs = LIMIT_MS }: { env?: Record<string, string>; timeoutMs?: number } = {},
): Promise<string> {
  const { stdout } = await runner.run(program, args, { timeoutMs, ...(env ? { env } : {}) });
  return stdout;
}
