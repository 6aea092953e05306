export interface CommandOptions {
  /** Milliseconds after which the command and all its children are killed. Waiting for a free slot is not counted. */
  timeoutMs: number;
  /** Kills the command, or takes it out of the queue. */
  signal?: AbortSignal;
  /** Bytes kept of stdout and of stderr, each; a command that prints more is killed. 1 MiB unless told. */
  maxOutputBytes?: number;
  /** Exit codes that are results rather than failures. `[0]` unless told. */
  okExitCodes?: number[];
  /** Written to stdin, which is then closed. The right way to hand over a secret: arguments show in `ps`. */
  input?: string;
  /** Added to the command's environment, which otherwise has only what `command-environment.ts` lists. */
  env?: Record<string, string>;
  /** Replaced by `***` in errors and spans. Results are handed over as they are. */
  secrets?: string[];
  /** Called with each line of stdout as it comes; a carriage return ends a line too, for progress bars. */
  onStdoutLine?: (line: string) => void;
  /** Open file descriptors that the command gets as its descriptors 3, 4, and so on. */
  descriptors?: number[];
}

export interface CommandResult {
  stdout: string;
  stderr: string;
  /** One of `okExitCodes`. */
  exitCode: number;
}

export interface CommandRunnerOptions {
  /** Marks every command, so that `killSurvivors()` of the next process finds it: e.g. `host@backend`. */
  owner: string;
  /** Commands that run at the same time; more wait their turn. 16 unless told. */
  maxConcurrent?: number;
  /** Commands that may wait; more are refused. 1,000 unless told. */
  maxQueued?: number;
  /** Milliseconds between SIGTERM and SIGKILL. 2,000 unless told. */
  killGraceMs?: number;
}

/** Bytes kept of each output stream where the caller names no limit. */
export const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;
