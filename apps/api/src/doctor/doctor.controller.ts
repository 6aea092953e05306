import { Get, Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { examine, type DoctorReport } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { OwnResource } from '../frame/resource.decorator.js';
import { readInteger } from '../lists/list-query.js';

/** Of the time a request may take, the part that backends have to answer. */
const BACKENDS_SHARE = 0.7;

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

/** `/scoria/v1/doctor`: whether rows, storage and exports agree (docs/scoria-api.md). Changes nothing. */
@OwnResource('doctor')
export class DoctorController {
  /** By limit. Who asks for as many gets what another is waiting for already. */
  private readonly running = new Map<number, Promise<DoctorReport>>();

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  async examine(@TheCall() call: Call): Promise<object> {
    const unknown = Object.keys(call.query).find((key) => key !== 'limit');
    if (unknown !== undefined) throw new Fault('badRequest', `${unknown.slice(0, 64)} is not known here.`);
    const limit = readInteger(call, 'limit', MAX_LIMIT) ?? DEFAULT_LIMIT;
    if (limit === 0) throw new Fault('badRequest', 'limit must be at least 1.');
    const running = this.running.get(limit) ?? this.start(limit);
    return { doctor: await running };
  }

  private start(limit: number): Promise<DoctorReport> {
    const { database, bus, config } = this.deps;
    const report = examine({
      database,
      bus,
      limit,
      downSeconds: config.scheduler.serviceDownSeconds,
      timeoutMs: config.api.requestTimeoutMs * BACKENDS_SHARE,
    }).finally(() => this.running.delete(limit));
    this.running.set(limit, report);
    return report;
  }
}
