import { type ChildProcess, spawn } from 'node:child_process';
import { OutputCapture } from './output-capture.js';

export interface StartOptions {
  argv: string[];
  env: Record<string, string>;
  timeoutMs: number;
  maxOutputBytes: number;
  killGraceMs: number;
  input: string | undefined;
  descriptors: number[];
  signal: AbortSignal | undefined;
  onStdoutLine: ((line: string) => void) | undefined;
}

/** Parts in which the wait for the output's end is counted. */
const WAIT_PARTS = 10;

/** Why we ended a command ourselves. */
export type KillReason = 'timeout' | 'abort' | 'output' | 'callback' | 'leftOpen';

export interface CommandEnd {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
  signal: string | undefined;
  killed: KillReason | undefined;
  /** What a callback threw, or why the program could not be started. */
  error: unknown;
}

/**
 * One command from start to end. Its end is reported only when the process is gone, so that whoever tries again does
 * not meet it; a process that waits for dead storage delays that, since it may still write.
 */
export class RunningCommand {
  private readonly child: ChildProcess;
  private readonly stdout: OutputCapture;
  private readonly stderr: OutputCapture;
  private readonly timers: NodeJS.Timeout[] = [];
  private killed: KillReason | undefined;
  private error: unknown;

  constructor(private readonly options: StartOptions) {
    const { argv, env, input, descriptors, maxOutputBytes } = options;
    this.stdout = new OutputCapture(maxOutputBytes, options.onStdoutLine);
    this.stderr = new OutputCapture(maxOutputBytes);
    // detached: a session and process group of its own, so that the whole group can be killed.
    this.child = spawn(argv[0]!, argv.slice(1), {
      env,
      detached: true,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...descriptors],
    });
  }

  async end(): Promise<CommandEnd> {
    const { signal, timeoutMs, input } = this.options;
    const onAbort = (): void => this.kill('abort');
    const ended = this.watch();
    this.timers.push(setTimeout(() => this.kill('timeout'), timeoutMs));
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    // A program may end without reading its input: the broken pipe is no failure, its exit code tells.
    this.child.stdin?.on('error', () => undefined).end(input);
    try {
      return await ended;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.timers.forEach(clearTimeout);
    }
  }

  private watch(): Promise<CommandEnd> {
    // Without free descriptors there are no streams, and no 'close' event comes after the 'error'.
    this.child.stdout?.on('data', (chunk: Buffer) => this.take(this.stdout, chunk));
    this.child.stderr?.on('data', (chunk: Buffer) => this.take(this.stderr, chunk));
    this.child.on('exit', () => this.endGroup());
    return new Promise((resolve) => {
      const settle = (code: number | null, signal: string | null): void => {
        this.guard(() => this.stdout.end());
        resolve({
          stdout: this.stdout.text(),
          stderr: this.stderr.text(),
          exitCode: code ?? undefined,
          signal: signal ?? undefined,
          killed: this.killed,
          error: this.error,
        });
      };
      this.child.on('error', (error) => {
        this.error ??= error;
        if (this.child.pid === undefined) settle(null, null);
      });
      this.child.on('close', settle);
    });
  }

  private take(capture: OutputCapture, chunk: Buffer): void {
    this.guard(() => capture.add(chunk));
    if (capture.overflowed) this.kill('output');
  }

  /** A callback that throws ends the command; it must not end the service. */
  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.error ??= error;
      this.kill('callback');
    }
  }

  private kill(reason: KillReason): void {
    if (this.killed !== undefined) return;
    this.killed = reason;
    this.signalGroup('SIGTERM');
    this.timers.push(setTimeout(() => this.signalGroup('SIGKILL'), this.options.killGraceMs));
  }

  /** What a command leaves running in its group ends with it; who fled the group must not keep us waiting. */
  private endGroup(): void {
    this.signalGroup('SIGKILL');
    let left = WAIT_PARTS;
    // In parts: of a pause of this process one counts, and what came meanwhile is read before the next.
    const wait = (): void => {
      if (--left > 0) return;
      this.killed ??= 'leftOpen';
      this.child.stdout?.destroy();
      this.child.stderr?.destroy();
    };
    this.timers.push(setInterval(wait, this.options.killGraceMs / WAIT_PARTS));
  }

  private signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch (error) {
      // ESRCH: the group is gone. EPERM (macOS): only zombies are left of it.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}
