import { Controller, Get, Inject, Res } from '@nestjs/common';
import { DatabaseBusy, pendingMigrations } from '@scoria/store';
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from '@scoria/telemetry';
import type { FastifyReply } from 'fastify';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Drain } from '../frame/drain.js';

/** For load balancers and orchestrators. */
@Controller()
export class HealthController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Drain) private readonly drain: Drain,
  ) {}

  /** What oslo.middleware answers; 503 while it stops, as with oslo's `disable_by_file`. */
  @Get('healthcheck')
  healthcheck(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.header('content-type', 'text/plain; charset=UTF-8');
    if (!this.drain.hasBegun) return 'OK';
    void reply.status(503);
    return 'STOPPING';
  }

  /** The process turns. Never looks at anything else, or an outage becomes a storm of restarts. */
  @Get('live')
  live(): object {
    return { ok: true };
  }

  /**
   * Whether requests can be served now. Without the broker they can, and their work begins a little later: that is told,
   * but no reason to take every gateway out of the service at once.
   */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const reasons = await this.reasons();
    const ok = reasons.length === 0;
    if (!ok) void reply.status(503);
    if (!this.deps.bus.connected) reasons.push('the message bus is not connected');
    return { ok, reasons };
  }

  @Get('metrics')
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', PROMETHEUS_CONTENT_TYPE);
    return prometheusText();
  }

  private async reasons(): Promise<string[]> {
    if (this.drain.hasBegun) return ['stopping'];
    try {
      return (await pendingMigrations(this.deps.database)) > 0 ? ['the database schema is not current'] : [];
    } catch (error) {
      // Overload is no reason to be taken out of the service: the others would get what this one does not.
      return error instanceof DatabaseBusy ? [] : ['the database does not answer'];
    }
  }
}
