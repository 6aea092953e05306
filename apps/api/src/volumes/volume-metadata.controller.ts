import { Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { changeVolume, lockVolume, type LockedVolume, type Tx } from '@scoria/store';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { MetadataRows } from '../metadata/metadata-rows.js';
import { MetadataRoutes } from '../metadata/metadata-routes.js';
import { declareGate } from '../microversion/gates.js';
import { Mutations } from '../mutations/mutations.js';

declareGate('3.15', 'Etag and If-Match of volume metadata');

@Resource('volumes')
export class VolumeMetadataController extends MetadataRoutes {
  protected readonly rows: MetadataRows;

  constructor(@Inject(API_DEPS) deps: ApiDeps, @Inject(Mutations) mutations: Mutations) {
    super();
    this.rows = new MetadataRows(deps, mutations, {
      table: 'volumes',
      kind: 'Volume',
      lock: lockUnlessBusy,
      change: changeVolume,
      event: 'volume.update',
      etag: (call) => call.supports('3.15'),
    });
  }
}

/** An upload reads the metadata while it runs; maintenance means hands off (cinder-map §3.2). */
async function lockUnlessBusy(tx: Tx, id: string, projectId: string | null): Promise<LockedVolume> {
  const volume = await lockVolume(tx, id, projectId);
  if (volume.status === 'maintenance' || volume.status === 'uploading') {
    throw new Fault(
      'badRequest',
      `Invalid volume: metadata cannot be changed while the volume is ${volume.status}.`,
    );
  }
  return volume;
}
