import { basename } from 'node:path';
import { type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import { CommandError } from './command-error.js';
import { commandEnvironment } from './command-environment.js';
import {
  type CommandOptions,
  type CommandResult,
  type CommandRunnerOptions,
  DEFAULT_MAX_OUTPUT_BYTES,
} from './command-options.js';
import { deathSignalPrefix } from './death-signal.js';
import { failureOf } from './failure-of.js';
import { findProgram } from './program-path.js';
import { redact } from './redact.js';
import { RunningCommand } from './running-command.js';
import { Slots } from './slots.js';
import { killSurvivors } from './survivors.js';

const tracer = trace.getTracer('scoria.commands');

/** Arguments shown on a span, and characters of each. */
const MAX_SPAN_ARGS = 64;
const MAX_SPAN_ARG_LENGTH = 256;
/** Milliseconds that killed survivors have to go. */
const SURVIVORS_TIMEOUT_MS = 30_000;

/**
 * The one place that runs other programs: no shell, a time limit, capped output, a process group that is killed as a
 * whole, children that die with this process, and a span for each command. Not for programs that go to the
 * background: whatever a command leaves running is killed.
 */
export class CommandRunner {
  private readonly owner: string;
  private readonly killGraceMs: number;
  private readonly slots: Slots;

  constructor(options: CommandRunnerOptions) {
    this.owner = options.owner;
    this.killGraceMs = options.killGraceMs ?? 2000;
    this.slots = new Slots(options.maxConcurrent ?? 16, options.maxQueued ?? 1000);
  }

  /**
   * Runs `program`, an absolute path or a name looked up in PATH and the sbin directories, and waits for its end.
   *
   * @throws CommandError on any end but an exit code of `okExitCodes`
   */
  run(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
    const name = basename(program);
    return tracer.startActiveSpan(name, async (span) => {
      try {
        span.setAttributes({
          'process.executable.name': name,
          'process.command_args': spanArguments(args, options.secrets),
        });
        return await this.runTraced(program, args, options, span);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
        throw error;
      } finally {
        span.end();
      }
    });
  }

  /**
   * Kills the commands of this owner that outlived a killed service, and waits until they are gone. Call it before
   * work begins, while no other process serves the same backend.
   *
   * @returns how many processes were killed
   */
  killSurvivors(): Promise<number> {
    return killSurvivors(this.owner, SURVIVORS_TIMEOUT_MS);
  }

  private async runTraced(
    program: string,
    args: string[],
    options: CommandOptions,
    span: Span,
  ): Promise<CommandResult> {
    await this.slots.take(options.signal).catch((cause: unknown) => {
      const aborted = options.signal?.aborted ?? false;
      const reason = aborted ? 'was aborted before it started' : `was refused: ${(cause as Error).message}`;
      throw new CommandError({ program, reason, aborted, cause });
    });
    try {
      const path = await findProgram(program);
      if (path === undefined) {
        throw new CommandError({ program, reason: 'is not installed, or may not be run', notFound: true });
      }
      const prefix = await deathSignalPrefix().catch((cause: unknown) => {
        throw new CommandError({ program, reason: 'could not be bound to the life of this process', cause });
      });
      const command = await this.start(program, [...prefix, path, ...args], options);
      const end = await command.end();
      if (end.exitCode !== undefined) span.setAttribute('process.exit.code', end.exitCode);
      const failure = failureOf(program, end, options);
      if (failure) throw new CommandError(failure);
      return { stdout: end.stdout, stderr: end.stderr, exitCode: end.exitCode! };
    } finally {
      this.slots.release();
    }
  }

  private async start(program: string, argv: string[], options: CommandOptions): Promise<RunningCommand> {
    const env = await commandEnvironment(this.owner, options.env);
    try {
      return new RunningCommand({
        argv,
        env,
        timeoutMs: options.timeoutMs,
        maxOutputBytes: options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
        killGraceMs: this.killGraceMs,
        input: options.input,
        descriptors: options.descriptors ?? [],
        signal: options.signal,
        onStdoutLine: options.onStdoutLine,
      });
    } catch (error) {
      // A NUL byte, or more arguments than the kernel takes. Node's message quotes them, so only its code is kept.
      const { code } = error as NodeJS.ErrnoException;
      throw new CommandError({ program, reason: `could not be started (${code})` });
    }
  }
}

function spanArguments(args: string[], secrets: string[] | undefined): string[] {
  return args.slice(0, MAX_SPAN_ARGS).map((arg) => redact(arg, secrets).slice(0, MAX_SPAN_ARG_LENGTH));
}
