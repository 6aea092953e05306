import { Get, Inject } from '@nestjs/common';
import { listHosts } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';

/** `/os-hosts`, which `/os-services` has replaced (cinder-map §1.13). */
@Resource('os-hosts')
export class HostsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  async list(@TheCall() call: Call): Promise<string> {
    const zone = [call.query.zone].flat().at(-1) ?? null;
    const { serviceDownSeconds } = this.deps.config.scheduler;
    return `{"hosts":${await listHosts(this.deps.database, zone, serviceDownSeconds)}}`;
  }
}
