import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { waitFor } from './wait-for.js';

const SETPRIV = '/usr/bin/setpriv';
const SETUP_MS = 120_000;
const START_MS = 60_000;
const STOP_MS = 5_000;
/** Nothing of this process's own settings reaches the services. */
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C.UTF-8', HOME: '/nonexistent' };

export interface PythonServerCommand {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  logFile: string;
  /** Answers anything at all once the server serves. */
  url: string;
}

/** One of OpenStack's own services on the loopback interface, as a child process that ends with its parent. */
export class PythonServer {
  private constructor(
    readonly pid: number,
    private readonly child: ChildProcess,
  ) {}

  /** @throws Error with the end of its log when it does not serve within a minute */
  static async start({ name, command, args, cwd, logFile, url }: PythonServerCommand): Promise<PythonServer> {
    const log = openSync(logFile, 'a', 0o600);
    const tied = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', '--'] : [];
    const [program, ...rest] = [...tied, command, ...args];
    const child = spawn(program!, rest, {
      cwd,
      env: ENVIRONMENT,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    await once(child, 'spawn');
    const server = new PythonServer(child.pid!, child);
    const serves = async (): Promise<true> => {
      if (server.ended) return true;
      await fetch(url).then((response) => response.body?.cancel());
      return true;
    };
    await waitFor(serves, { timeoutMs: START_MS, describe: `${name} at ${url}` }).catch(async (error) => {
      await server.stop();
      throw error;
    });
    if (server.ended) {
      throw new Error(`${name} ended at once:\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
    }
    child.unref();
    return server;
  }

  /** Returns when the server and its workers are gone. */
  async stop(): Promise<void> {
    if (this.ended) return;
    const exited = once(this.child, 'exit');
    this.child.ref();
    this.signal('SIGTERM');
    const timer = new AbortController();
    await Promise.race([exited, delay(STOP_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    if (!this.ended) {
      this.signal('SIGKILL');
      await exited;
    }
  }

  private get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Runs a service's own tool to its end. */
export async function runSetup(command: string, args: string[], cwd: string): Promise<void> {
  await promisify(execFile)(command, args, {
    cwd,
    env: ENVIRONMENT,
    timeout: SETUP_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
}

/** Whether all of these files exist; says on stderr what is skipped for want of which package when they do not. */
export function isInstalled(files: string[], debianPackage: string): boolean {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0) return true;
  process.stderr.write(
    `\nSKIPPED: tests that need ${missing.join(', ')} (Debian package ${debianPackage}) are not run.\n`,
  );
  return false;
}

/**
 * Lets one connection write while another still reads (SQLite's write-ahead log; the file remembers it). Without it
 * the services' own connections lock each other out.
 */
export function allowReadersBesideWriter(sqliteFile: string): void {
  const database = new DatabaseSync(sqliteFile);
  database.exec('PRAGMA journal_mode = WAL');
  database.close();
}
