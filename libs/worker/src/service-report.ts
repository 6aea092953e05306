import { SERVICE_REPORT_SECONDS } from '@scoria/config';
import { reportService, type Database, type ServiceReport } from '@scoria/store';
import { describeError } from '@scoria/domain';
import type { ServiceLogger } from './logger.js';

/** Keeps a service's row in `/os-services` alive; a service that is stopped falls to `down` by silence. */
export class ServiceHeartbeat {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly database: Database,
    private readonly report: ServiceReport,
    private readonly logger: ServiceLogger,
  ) {}

  /** Reports once, then again and again; not after `stop()`. */
  async start(): Promise<void> {
    await this.beat();
    if (!this.stopped) this.timer = setInterval(() => this.tick(), SERVICE_REPORT_SECONDS * 1000);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private tick(): void {
    this.running ??= this.beat().finally(() => {
      this.running = undefined;
    });
  }

  private async beat(): Promise<void> {
    try {
      await reportService(this.database, this.report);
    } catch (error) {
      this.logger.warn({ reason: describeError(error) }, 'the service could not report itself');
    }
  }
}
