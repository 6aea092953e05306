import { Get, Inject } from '@nestjs/common';
import { listZones } from '@scoria/store';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';

/** `/os-availability-zone` (cinder-map §1.13). */
@Resource('os-availability-zone')
export class ZonesController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  async list(): Promise<string> {
    return `{"availabilityZoneInfo":${await listZones(this.deps.database)}}`;
  }
}
