import { Delete, Get, HttpCode, Inject, Post } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { VOLUMES } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { asBoolean } from '../validation/rules.js';
import { CreateVolume } from './create-volume.js';
import { DeleteVolume } from './delete-volume.js';

/** `/volumes` (cinder-map §1.1). */
@Resource('volumes')
export class VolumesController {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(CreateVolume) private readonly createVolume: CreateVolume,
    @Inject(DeleteVolume) private readonly deleteVolume: DeleteVolume,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    return this.lists.list(call, VOLUMES, { shape: 'summary' });
  }

  @Get('detail')
  detail(@TheCall() call: Call): Promise<string> {
    return this.lists.list(call, VOLUMES, { shape: 'detail' });
  }

  @Post()
  @HttpCode(202)
  create(@TheCall() call: Call): Promise<string | undefined> {
    return this.createVolume.run(call);
  }

  @Get(':id')
  show(@TheCall() call: Call): Promise<string> {
    return this.lists.show(call, VOLUMES, 'volume', call.uuid('id', 'Volume'));
  }

  @Delete(':id')
  @HttpCode(202)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    const force = call.supports('3.23') && flag(call, 'force');
    if (force && !call.context.isAdmin) {
      throw new Fault('forbidden', "Policy doesn't allow volume:force_delete to be performed.");
    }
    return this.deleteVolume.run(call, call.uuid('id', 'Volume'), { cascade: flag(call, 'cascade'), force });
  }
}

/** A query parameter that means yes or no. */
function flag(call: Call, key: string): boolean {
  const value = call.query[key];
  return value !== undefined && asBoolean(Array.isArray(value) ? value.at(-1) : value) === true;
}
