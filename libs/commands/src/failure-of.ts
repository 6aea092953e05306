import type { CommandFailure } from './command-error.js';
import { type CommandOptions, DEFAULT_MAX_OUTPUT_BYTES } from './command-options.js';
import { redact, redactCut } from './redact.js';
import type { CommandEnd, KillReason } from './running-command.js';

const KILL_REASONS: Record<KillReason, (options: CommandOptions) => string> = {
  timeout: ({ timeoutMs }) => `was killed after ${timeoutMs} ms`,
  abort: () => 'was aborted',
  output: ({ maxOutputBytes }) => `printed more than ${maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES} bytes`,
  callback: () => 'was killed because its output could not be handled',
  leftOpen: () => 'ended but left its output open in a process outside its group',
};

/** What was wrong with a command's end, or undefined when nothing was. */
export function failureOf(
  program: string,
  end: CommandEnd,
  options: CommandOptions,
): CommandFailure | undefined {
  const reason = reasonOf(end, options);
  if (reason === undefined) return undefined;
  const hide = end.killed === 'output' ? redactCut : redact;
  return {
    program,
    reason,
    stderr: hide(end.stderr, options.secrets),
    ...(end.exitCode === undefined ? {} : { exitCode: end.exitCode }),
    ...(end.signal === undefined ? {} : { signal: end.signal }),
    timedOut: end.killed === 'timeout',
    aborted: end.killed === 'abort',
    overflowed: end.killed === 'output',
    cause: end.killed === 'abort' ? options.signal?.reason : safeCause(end.error),
  };
}

function reasonOf(end: CommandEnd, options: CommandOptions): string | undefined {
  if (end.killed !== undefined) return KILL_REASONS[end.killed](options);
  if (end.error !== undefined) return 'could not be started';
  if (end.signal !== undefined) return `was killed by ${end.signal}`;
  if (end.exitCode !== undefined && (options.okExitCodes ?? [0]).includes(end.exitCode)) return undefined;
  return `exited with ${end.exitCode}`;
}

/** Node's own errors carry the whole argument list, secrets included: only the code is kept of them. */
function safeCause(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return (error as { spawnargs?: unknown } | undefined)?.spawnargs === undefined ? error : new Error(code);
}
