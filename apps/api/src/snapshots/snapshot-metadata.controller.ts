import { Inject } from '@nestjs/common';
import { changeSnapshot, lockSnapshot } from '@scoria/store';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { MetadataRows } from '../metadata/metadata-rows.js';
import { MetadataRoutes } from '../metadata/metadata-routes.js';
import { Mutations } from '../mutations/mutations.js';

@Resource('snapshots')
export class SnapshotMetadataController extends MetadataRoutes {
  protected readonly rows: MetadataRows;

  constructor(@Inject(API_DEPS) deps: ApiDeps, @Inject(Mutations) mutations: Mutations) {
    super();
    this.rows = new MetadataRows(deps, mutations, {
      table: 'snapshots',
      kind: 'Snapshot',
      lock: lockSnapshot,
      change: changeSnapshot,
      event: 'snapshot.update',
      etag: () => false,
    });
  }
}
