import { Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { VOLUMES, volumeSummary } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { declareViewGates } from '../lists/view-gates.js';
import { declareGate } from '../microversion/gates.js';
import { Since } from '../microversion/since.decorator.js';
import { CreateVolume } from './create-volume.js';
import { DeleteVolume } from './delete-volume.js';
import { UpdateVolume } from './update-volume.js';

declareViewGates(VOLUMES);
declareGate('3.23', 'DELETE /volumes/{id}?force');
declareGate('3.36', 'GET /volumes/summary: metadata');

/** `/volumes` (cinder-map §1.1). */
@Resource('volumes')
export class VolumesController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(CreateVolume) private readonly createVolume: CreateVolume,
    @Inject(UpdateVolume) private readonly updateVolume: UpdateVolume,
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

  @Get('summary')
  @Since('3.12')
  async summary(@TheCall() call: Call): Promise<string> {
    const allTenants = call.context.isAdmin && call.flag('all_tenants');
    const projectId = allTenants ? null : call.context.projectId;
    return `{"volume-summary":${await volumeSummary(this.deps.database, projectId, call.supports('3.36'))}}`;
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

  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    return this.updateVolume.run(call, call.uuid('id', 'Volume'));
  }

  @Delete(':id')
  @HttpCode(202)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    const force = call.supports('3.23') && call.flag('force');
    if (force && !call.context.isAdmin) {
      throw new Fault('forbidden', "Policy doesn't allow volume:force_delete to be performed.");
    }
    return this.deleteVolume.run(call, call.uuid('id', 'Volume'), { cascade: call.flag('cascade'), force });
  }
}
