export interface CommandFailure {
  program: string;
  /** Secrets are already out of it. */
  reason: string;
  stderr?: string;
  exitCode?: number;
  signal?: string;
  timedOut?: boolean;
  aborted?: boolean;
  overflowed?: boolean;
  notFound?: boolean;
  cause?: unknown;
}

/** Characters of stderr kept on the error; its end, where programs say what went wrong. */
const MAX_STDERR = 2000;

/** A command that could not start, failed, or was killed. Nothing in it is secret. */
export class CommandError extends Error {
  readonly program: string;
  /** Unset when the command never ended by itself. */
  readonly exitCode: number | undefined;
  /** The signal that ended it, ours or another's. */
  readonly signal: string | undefined;
  /** The last 2,000 characters, redacted. */
  readonly stderr: string;
  readonly timedOut: boolean;
  /** The caller's signal was raised. */
  readonly aborted: boolean;
  /** It was ended because it printed more than `maxOutputBytes`. */
  readonly overflowed: boolean;
  /** There is no such program on this machine. */
  readonly notFound: boolean;

  constructor(failure: CommandFailure) {
    const stderr = (failure.stderr ?? '').trim().slice(-MAX_STDERR);
    super(
      `${failure.program} ${failure.reason}${stderr === '' ? '' : `: ${stderr}`}`,
      failure.cause === undefined ? undefined : { cause: failure.cause },
    );
    this.name = 'CommandError';
    this.program = failure.program;
    this.exitCode = failure.exitCode;
    this.signal = failure.signal;
    this.stderr = stderr;
    this.timedOut = failure.timedOut ?? false;
    this.aborted = failure.aborted ?? false;
    this.overflowed = failure.overflowed ?? false;
    this.notFound = failure.notFound ?? false;
  }
}
