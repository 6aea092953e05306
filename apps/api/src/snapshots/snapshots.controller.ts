import { Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common';
import { SNAPSHOTS, changeSnapshot, lockSnapshot } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';
import { Lists } from '../lists/lists.js';
import { declareViewGates } from '../lists/view-gates.js';
import { Mutations } from '../mutations/mutations.js';
import { descriptionOf } from '../validation/described-body.js';
import { invalid, readBody } from '../validation/read-body.js';
import { CreateSnapshot } from './create-snapshot.js';
import { DeleteSnapshot } from './delete-snapshot.js';
import { UpdateSnapshotBody } from './snapshot-bodies.js';

declareViewGates(SNAPSHOTS);

/** `/snapshots` (cinder-map §1.2). */
@Resource('snapshots')
export class SnapshotsController {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(CreateSnapshot) private readonly createSnapshot: CreateSnapshot,
    @Inject(DeleteSnapshot) private readonly deleteSnapshot: DeleteSnapshot,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    return this.lists.list(call, SNAPSHOTS, { shape: 'summary' });
  }

  @Get('detail')
  detail(@TheCall() call: Call): Promise<string> {
    return this.lists.list(call, SNAPSHOTS, { shape: 'detail' });
  }

  @Post()
  @HttpCode(202)
  create(@TheCall() call: Call): Promise<string | undefined> {
    return this.createSnapshot.run(call);
  }

  @Get(':id')
  show(@TheCall() call: Call): Promise<string> {
    return this.lists.show(call, SNAPSHOTS, 'snapshot', call.uuid('id', 'Snapshot'));
  }

  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    const id = call.uuid('id', 'Snapshot');
    const body = readBody(call, 'snapshot', UpdateSnapshotBody);
    const changes = descriptionOf(body);
    if (Object.keys(changes).length === 0) {
      throw invalid('snapshot', {}, '{} does not have enough properties');
    }
    return this.mutations.mutate(call, async (tx) => {
      const { projectId } = await lockSnapshot(tx, id, call.scope);
      await changeSnapshot(tx, id, changes);
      const payload = { changed: Object.keys(changes) };
      return {
        status: 200,
        body: await this.lists.show(call, SNAPSHOTS, 'snapshot', id, { tx, shape: 'created' }),
        events: [{ type: 'snapshot.update', resourceId: id, projectId, payload }],
      };
    });
  }

  @Delete(':id')
  @HttpCode(202)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    return this.deleteSnapshot.run(call, call.uuid('id', 'Snapshot'), { force: false });
  }
}
