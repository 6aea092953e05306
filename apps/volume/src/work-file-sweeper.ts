import { describeError, isUuid } from '@scoria/domain';
import { removeWorkFiles, workFileOwners } from '@scoria/images';
import { liveOperations, type Database } from '@scoria/store';
import type { ServiceLogger } from '@scoria/worker';

interface Options {
  database: Database;
  workDir: string;
  logger: ServiceLogger;
  intervalMs: number;
}

/**
 * Removes half-converted images whose operation has ended without this host: an operation removes its own, unless it
 * was given up while the host was away.
 */
export class WorkFileSweeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(private readonly options: Options) {}

  /** The first sweep is over when this resolves. */
  async start(): Promise<void> {
    this.timer = setInterval(() => void this.run(), this.options.intervalMs);
    await this.run();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private run(): Promise<void> {
    const { logger, workDir } = this.options;
    this.running ??= this.sweep()
      .catch((error: unknown) =>
        logger.warn({ workDir, reason: describeError(error) }, 'work files not swept'),
      )
      .finally(() => {
        this.running = undefined;
      });
    return this.running;
  }

  private async sweep(): Promise<void> {
    const { database, workDir } = this.options;
    const owners = await workFileOwners(workDir);
    if (owners.length === 0) return;
    const live = await liveOperations(database, owners.filter(isUuid));
    const over = new Set(owners).difference(live);
    await removeWorkFiles(workDir, (owner) => over.has(owner));
  }
}
