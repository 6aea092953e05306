import { type ChildProcess, spawn } from 'node:child_process';
import { recordProcess } from './leftover.js';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv';
const LOG_TAIL_LINES = 15;
const KILLED_MS = 10_000;

export interface ServerCommand {
  /** What messages call it, for example `PostgreSQL`. */
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Receives stdout and stderr. The log of the run before is kept beside it as `.1`. */
  logFile: string;
  /** Where the process is recorded for {@link endLeftover}. */
  processFile: string;
  /** The signal that the kernel sends when this process dies, however it dies (Linux, prctl(2) PR_SET_PDEATHSIG). */
  signalOnParentDeath: 'INT' | 'TERM' | 'KILL';
  /** User to run as; the caller's own when left out. */
  user?: { uid: number; gid: number } | undefined;
}

/**
 * A server as a child process that ends with its parent. It runs in a session of its own, so that Ctrl-C in a terminal
 * reaches the parent alone, which then stops it in the right order. It does not keep the parent's event loop alive.
 */
export class ServerProcess {
  /** Resolves, never rejects, with a sentence saying how the process ended. */
  readonly exited: Promise<string>;
  #ended: string | undefined;
  readonly #signalAtExit: () => void;

  private constructor(
    readonly pid: number,
    readonly name: string,
    readonly logFile: string,
    private readonly child: ChildProcess,
    signal: NodeJS.Signals,
  ) {
    this.#signalAtExit = () => child.kill(signal);
    process.on('exit', this.#signalAtExit);
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, by) => {
        process.off('exit', this.#signalAtExit);
        this.#ended = `${name} ended ${by ? `by ${by}` : `with code ${code}`}`;
        resolve(this.#ended);
      });
    });
    child.unref();
  }

  /** Starts the command. Throws when it cannot be run; that it serves is the caller's to find out. */
  static async spawn(server: ServerCommand): Promise<ServerProcess> {
    if (existsSync(server.logFile)) renameSync(server.logFile, `${server.logFile}.1`);
    const log = openSync(server.logFile, 'a', 0o600);
    const tied = existsSync(SETPRIV);
    const command = tied ? SETPRIV : server.command;
    const prefix = tied ? ['--pdeathsig', server.signalOnParentDeath, '--', server.command] : [];
    try {
      const child = spawn(command, [...prefix, ...server.args], {
        cwd: server.cwd,
        env: server.env,
        stdio: ['ignore', log, log],
        detached: true,
        ...(server.user ?? {}),
      });
      await new Promise<void>((resolve, reject) => {
        child.once('spawn', resolve);
        child.once('error', (cause) => reject(new Error(`${server.name} cannot be started`, { cause })));
      });
      recordProcess(server.processFile, child.pid!);
      return new ServerProcess(
        child.pid!,
        server.name,
        server.logFile,
        child,
        `SIG${server.signalOnParentDeath}`,
      );
    } finally {
      closeSync(log);
    }
  }

  /** How it ended, or undefined while it runs. */
  get ended(): string | undefined {
    return this.#ended;
  }

  /**
   * Sends each signal in turn and waits up to its time for the process to end; SIGKILL comes last by itself.
   * Returns when the process is gone.
   */
  async stop(...signals: [signal: NodeJS.Signals, waitMs: number][]): Promise<void> {
    for (const [signal, waitMs] of signals) {
      if (this.#ended) return;
      this.child.kill(signal);
      if (await this.#endsWithin(waitMs)) return;
    }
    await this.kill();
  }

  /** SIGKILL to the process and to those of its children that stayed in its process group. */
  async kill(): Promise<void> {
    if (this.#ended) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      this.child.kill('SIGKILL');
    }
    if (!(await this.#endsWithin(KILLED_MS)))
      throw new Error(`${this.name} survived SIGKILL (pid ${this.pid})`);
  }

  /** The last lines of the log, for the operator. */
  logTail(): string {
    const lines = readFileSync(this.logFile, 'utf8').trimEnd().split('\n');
    return lines.slice(-LOG_TAIL_LINES).join('\n');
  }

  async #endsWithin(waitMs: number): Promise<boolean> {
    this.child.ref();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => (timer = setTimeout(resolve, waitMs, false)));
    const ended = await Promise.race([this.exited.then(() => true), late]);
    clearTimeout(timer);
    if (!ended) this.child.unref();
    return ended;
  }
}
