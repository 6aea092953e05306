import { IMAGE_CONTENT, ZEROS, type Content } from '../content.js';
import type { ModelVolume } from '../model.js';
import type { Tenant } from '../tenant.js';
import { isBare, isFile, isFree, type Act, type Ending } from './act.js';

interface Wanted {
  type: string;
  /** GiB. */
  size: number;
  content: Content | undefined;
  body: object;
}

/** Asks for a volume; answers it as it was promised. */
async function ask(tenant: Tenant, act: string, wanted: Wanted): Promise<ModelVolume> {
  const name = tenant.newName();
  const metadata = { made: act };
  const { body } = await tenant.change<{ volume: { id: string } }>({
    act,
    method: 'POST',
    path: '/volumes',
    body: { volume: { name, size: wanted.size, volume_type: wanted.type, metadata, ...wanted.body } },
    operation: 'volume.create',
  });
  const { type, size, content } = wanted;
  return {
    id: body.volume.id,
    name,
    type,
    size,
    metadata,
    content,
    attachment: undefined,
    snapshots: [],
    extendsRefused: 0,
    // Until it is known to be well.
    wrecked: true,
    busy: true,
  };
}

/** Waits for the end of a create. */
async function end(tenant: Tenant, volume: ModelVolume): Promise<Ending> {
  try {
    const status = await tenant.settled('volume', volume.id);
    volume.wrecked = status !== 'available';
    return [status, volume.id];
  } finally {
    volume.busy = false;
  }
}

async function create(tenant: Tenant, act: string, wanted: Wanted): Promise<Ending> {
  const volume = await ask(tenant, act, wanted);
  tenant.shelf.put(volume);
  return end(tenant, volume);
}

/** Asks for a volume that needs no storage, and does not wait for it. */
export const askForNull = (tenant: Tenant, act: string): Promise<ModelVolume> =>
  ask(tenant, act, empty('null'));

const empty = (type: string) => ({ type, size: 1, content: ZEROS, body: {} });

export const CREATES: readonly Act[] = [
  { name: 'create file', weight: 3, run: (tenant) => create(tenant, 'create file', empty('file')) },
  { name: 'create null', weight: 2, run: (tenant) => create(tenant, 'create null', empty('null')) },
  {
    name: 'create from image',
    weight: 2,
    run: (tenant) =>
      create(tenant, 'create from image', {
        type: 'file',
        size: 1,
        content: IMAGE_CONTENT,
        body: { imageRef: 'disk' },
      }),
  },
  {
    name: 'create from volume',
    weight: 2,
    fits: (volume) => isFile(volume) && isFree(volume),
    run: (tenant, from) => create(tenant, 'create from volume', copyOf(from)),
  },
  {
    name: 'create larger from volume',
    weight: 1,
    fits: (volume) => isFile(volume) && isFree(volume),
    run: (tenant, from) =>
      create(tenant, 'create larger from volume', { ...copyOf(from), size: from.size + 1 }),
  },
  {
    name: 'create from snapshot',
    weight: 2,
    fits: (volume) => isFile(volume) && volume.snapshots.some(({ wrecked }) => !wrecked),
    run: (tenant, from) => {
      const { id, size, content } = tenant.chance.pick(from.snapshots.filter(({ wrecked }) => !wrecked));
      return create(tenant, 'create from snapshot', {
        type: 'file',
        size,
        content,
        body: { snapshot_id: id },
      });
    },
  },
  {
    name: 'clone, delete the source',
    weight: 1,
    fits: (volume) => isFile(volume) && isBare(volume),
    /** The delete is accepted while the clone is still reading, and has to wait for it. */
    async run(tenant, from) {
      const act = 'clone, delete the source';
      const clone = await ask(tenant, act, copyOf(from));
      tenant.shelf.put(clone);
      await tenant.change({
        act,
        method: 'DELETE',
        path: `/volumes/${from.id}`,
        operation: 'volume.delete',
        resourceId: from.id,
      });
      const [status] = await end(tenant, clone);
      const source = await tenant.settled('volume', from.id);
      if (source === 'gone') tenant.shelf.remove(from);
      else from.wrecked = true;
      return [`${status}, ${source}`, `${clone.id} of ${from.id}`];
    },
  },
  cutShort('create, cancel', async (tenant, { id }) => {
    await tenant.change({
      act: 'create, cancel',
      method: 'POST',
      path: `/volumes/${id}/action`,
      body: { 'os-reset_status': { status: 'error' } },
      resourceId: id,
    });
  }),
  /** Told to come again for as long as the create has not stopped. */
  cutShort('create, force delete', async (tenant, { id }) => {
    await tenant.change({
      act: 'create, force delete',
      method: 'POST',
      path: `/volumes/${id}/action`,
      body: { 'os-force_delete': {} },
      operation: 'volume.delete',
      resourceId: id,
    });
  }),
];

/** An act that makes a volume and then, while that is still being made, does something else with it. */
function cutShort(name: string, interrupt: (tenant: Tenant, volume: ModelVolume) => Promise<void>): Act {
  return {
    name,
    weight: 1,
    async run(tenant) {
      const body = { imageRef: 'disk' };
      const volume = await ask(tenant, name, { type: 'file', size: 1, content: IMAGE_CONTENT, body });
      tenant.shelf.put(volume);
      await interrupt(tenant, volume);
      const ending = await end(tenant, volume);
      if (ending[0] === 'gone') tenant.shelf.remove(volume);
      return ending;
    },
  };
}

const copyOf = (from: ModelVolume): Wanted => ({
  type: from.type,
  size: from.size,
  content: from.content,
  body: { source_volid: from.id },
});
