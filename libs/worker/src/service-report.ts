import { SERVICE_REPORT_SECONDS } from '@scoria/config';
import { reportService, type Database, type ServiceReport } from '@scoria/store';
import { describeError } from '@scoria/domain';
import type { ServiceLogger } from './logger.js';

/**
 * Keeps a service's row in `/os-services` alive for as long as `healthy` says so; a service that is not falls to
 * `down` by silence.
 */
export class ServiceHeartbeat {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly report: ServiceReport,
    private readonly logger: ServiceLogger,
    private readonly intervalMs = SERVICE_REPORT_SECONDS * 1000,
    private readonly healthy: () => boolean = () => true,
  ) {}

  async start(): Promise<void> {
    await this.beat();
    this.timer = setInterval(() => this.tick(), this.intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private tick(): void {
    this.running ??= this.beat().finally(() => {
      this.running = undefined;
    });
  }

  private async beat(): Promise<void> {
    if (!this.healthy()) return;
    try {
      await reportService(this.database, this.report);
    } catch (error) {
      this.logger.warn({ reason: describeError(error) }, 'the service could not report itself');
    }
  }
}
