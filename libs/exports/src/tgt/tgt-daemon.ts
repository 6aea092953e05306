import { mkdir, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '@scoria/commands';
import { findDaemon, isDaemon, killProcess } from './daemon-process.js';
import { POLL_MS, slept, until } from './polling.js';
import { spawnDaemon } from './spawn-daemon.js';
import { endDaemon } from './tgt-commands.js';
import type { Tgtadm } from './tgtadm.js';

export interface TgtDaemonOptions {
  controlPort: number;
  /** The control socket's path without its number. */
  socketBase: string;
  /** `address:port`, as tgtd prints it. */
  portal: string;
  logFile: string;
  /** Called when a daemon with no targets runs: after each start of ours, not when a running one was found. */
  onRestart: () => void;
  /** Told when the daemon died, or could not be started again. */
  onTrouble: (message: string, cause?: unknown) => void;
}

/** Milliseconds between two looks at the daemon: how long its death may go unnoticed. */
const WATCH_MS = 500;
const READY_TIMEOUT_MS = 15_000;
const ADOPT_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 10_000;
/** Starts in a row in which a daemon has let commands run into their time limit, after which it is taken for hung. */
const HUNG_STARTS = 3;
/** Milliseconds before a daemon that will not start is tried again; doubled each time. */
const FIRST_BACKOFF_MS = 500;
const LAST_BACKOFF_MS = 30_000;
/** tgtd logs a line for each device it opens, and nobody rotates a file of ours. */
const MAX_LOG_BYTES = 1024 * 1024;

/**
 * A tgtd of our own that outlives us: started when there is none, taken over when one of an earlier run still
 * serves, started again when it dies.
 */
export class TgtDaemon {
  private pid: number | undefined;
  private hungStarts = 0;
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();

  constructor(
    private readonly tgtadm: Tgtadm,
    private readonly options: TgtDaemonOptions,
  ) {}

  /** @throws Error when no daemon can be had that listens where it should */
  async start(): Promise<void> {
    await mkdir(dirname(this.options.socketBase), { recursive: true, mode: 0o700 });
    if (!(await this.adopt())) await this.spawn();
  }

  /** From now on the daemon is started again when it dies. Call it once, when it was started. */
  startWatch(): void {
    this.watching = this.watch();
  }

  /** The process that serves, for those who look at it from outside. */
  get processId(): number | undefined {
    return this.pid;
  }

  /** Stops looking after the daemon, which goes on. */
  async release(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  /** Ends a daemon that has no targets, and waits until it is gone. */
  async stop(): Promise<void> {
    await this.release();
    const { pid } = this;
    if (pid === undefined) return;
    await this.tgtadm.run(endDaemon);
    const gone = async (): Promise<boolean> => !(await isDaemon(pid, this.options.socketBase));
    await until(gone, STOP_TIMEOUT_MS, `tgtd (pid ${pid}) did not end`);
  }

  /**
   * Takes over a daemon that serves our socket already. False when there is none, or none that can be commanded any
   * more (its socket was removed, or it has hung at three starts in a row): such a one is ended, since nothing else would.
   *
   * @throws Error when it listens elsewhere: it may have sessions, and is not ours to move; CommandError when it could
   *   not be asked, which says nothing of it
   */
  private async adopt(): Promise<boolean> {
    const { socketBase, onTrouble } = this.options;
    const pid = await findDaemon(socketBase);
    if (pid === undefined) return false;
    const portals = await this.portals(ADOPT_TIMEOUT_MS).catch((error: unknown) => this.takenForHung(error));
    this.hungStarts = 0;
    if (portals) {
      this.checkPortals(pid, portals);
      this.pid = pid;
      return true;
    }
    onTrouble(`a tgtd of an earlier run (pid ${pid}) does not answer and is ended`);
    killProcess(pid);
    const gone = async (): Promise<boolean> => !(await isDaemon(pid, socketBase));
    await until(gone, STOP_TIMEOUT_MS, `tgtd (pid ${pid}) did not end`);
    return false;
  }

  private async spawn(): Promise<void> {
    const { controlPort, socketBase, portal, logFile } = this.options;
    const daemon = await spawnDaemon({ address: { controlPort, socketBase }, portal, logFile });
    this.pid = daemon.pid;
    try {
      await Promise.race([this.ready(daemon.pid), daemon.ended]);
    } catch (error) {
      killProcess(daemon.pid);
      this.pid = undefined;
      throw error;
    }
    this.options.onRestart();
  }

  /** @throws `error` unless it is the last of many of one kind */
  private takenForHung(error: unknown): undefined {
    const hangs = error instanceof CommandError && error.timedOut;
    this.hungStarts = hangs ? this.hungStarts + 1 : 0;
    if (this.hungStarts < HUNG_STARTS) throw error;
  }

  private async ready(pid: number): Promise<void> {
    const portals = await this.portals(READY_TIMEOUT_MS);
    if (!portals) throw new Error(`tgtd (pid ${pid}) does not answer`);
    this.checkPortals(pid, portals);
  }

  /** Waits until the daemon answers where it listens; undefined when nobody does in all that time. */
  private async portals(timeoutMs: number): Promise<string[] | undefined> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const portals = await this.tgtadm.portals();
      if (portals || performance.now() > deadline) return portals;
      await sleep(POLL_MS);
    }
  }

  /** A tgtd that cannot have its portal opens port 3260 on every address instead, and says nothing. */
  private checkPortals(pid: number, portals: readonly string[]): void {
    if (portals.length === 1 && portals[0] === this.options.portal) return;
    const actual = portals.join(' and ') || 'nothing';
    throw new Error(`tgtd (pid ${pid}) listens on ${actual} instead of ${this.options.portal}`);
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    let backoff = FIRST_BACKOFF_MS;
    let wait = WATCH_MS;
    while (await slept(wait, signal)) {
      try {
        await this.look();
        [wait, backoff] = [WATCH_MS, FIRST_BACKOFF_MS];
      } catch (error) {
        this.options.onTrouble('tgtd cannot be started again', error);
        [wait, backoff] = [backoff, Math.min(backoff * 2, LAST_BACKOFF_MS)];
      }
    }
  }

  private async look(): Promise<void> {
    const { logFile, socketBase, onTrouble } = this.options;
    const log = await stat(logFile).catch(() => undefined);
    if ((log?.size ?? 0) > MAX_LOG_BYTES) await truncate(logFile);
    if (this.pid !== undefined && (await isDaemon(this.pid, socketBase))) return;
    if (this.pid !== undefined) onTrouble(`tgtd (pid ${this.pid}) died and is started again`);
    this.pid = undefined;
    // Another service over the same directory may have been faster; to us its daemon is new, too.
    if (await this.adopt()) this.options.onRestart();
    else await this.spawn();
  }
}
