import { stat } from 'node:fs/promises';
import { Fault } from '@scoria/domain';
import { slept } from './polling.js';
import type { Tgtadm } from './tgtadm.js';

export interface SystemDaemonOptions {
  controlPort: number;
  /** `address:port` that it must listen on. */
  portal: string;
  onRestart: () => void;
  onTrouble: (message: string, cause?: unknown) => void;
}

/** Milliseconds between two looks at the socket: how long a restart may go unnoticed. */
const WATCH_MS = 500;

/** The machine's tgtd, started by others. We only look whether it was started anew. */
export class SystemDaemon {
  private readonly stopping = new AbortController();
  private watching: Promise<void> = Promise.resolve();
  private life: string | undefined;

  constructor(
    private readonly tgtadm: Tgtadm,
    private readonly options: SystemDaemonOptions,
  ) {}

  /** @throws Fault unavailable when it does not serve our portal */
  async start(): Promise<void> {
    this.life = await this.currentLife();
    const { portal } = this.options;
    if (!(await this.tgtadm.portals())?.includes(portal)) {
      throw new Fault(
        'unavailable',
        `No tgtd with control port ${this.options.controlPort} serves ${portal}.`,
      );
    }
  }

  /** From now on a restart is told. Call it once, when it was started. */
  startWatch(): void {
    this.watching = this.watch();
  }

  async release(): Promise<void> {
    this.stopping.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    while (await slept(WATCH_MS, this.stopping.signal)) {
      const life = await this.currentLife();
      if (life === undefined || life === this.life) continue;
      const portals = await this.tgtadm.portals().catch((error: unknown) => {
        this.options.onTrouble('tgtd does not answer', error);
        return undefined;
      });
      if (portals === undefined) continue;
      this.life = life;
      this.options.onTrouble('tgtd was started anew');
      this.options.onRestart();
    }
  }

  /** Each tgtd binds its control socket anew, so the socket file tells one run from the next. */
  private async currentLife(): Promise<string | undefined> {
    const path = `/var/run/tgtd/socket.${this.options.controlPort}`;
    const found = await stat(path, { bigint: true }).catch(() => undefined);
    return found && `${found.ino}:${found.ctimeNs}`;
  }
}
