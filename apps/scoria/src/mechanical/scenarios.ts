import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  connectAttachment,
  createSnapshot,
  createVolume,
  deleteSnapshot,
  deleteVolume,
  disconnectAttachment,
  extendVolume,
  uploadVolume,
  type OperationDefinition,
} from '@scoria/operations';
import type { World } from './world.js';

/**
 * One way to bring an operation about, and what its user does when it has failed. Every operation has at least one; a
 * test sees to that. Names must be the same in every run.
 */
export interface Scenario {
  name: string;
  definition: OperationDefinition<never>;
  /** Steps that this way of asking jumps over. */
  skips?: readonly string[];
  /** Makes what the operation needs; answers the path of what it is asked of. */
  prepare(world: World): Promise<string>;
  /** The request that starts it. May be refused when the operation fails: some requests wait for its end. */
  ask(world: World, path: string): Promise<unknown>;
  /** What a user does after a failure. */
  mend(world: World, path: string): Promise<unknown>;
  /** What the world must then be like: as before the request, or as after one that went well. */
  mended: 'as before' | 'as after';
}

const CONNECTOR = {
  host: 'client',
  initiator: 'iqn.1993-08.org.debian:01:client',
  platform: 'x86_64',
  os_type: 'linux',
};

const of = (definition: unknown): OperationDefinition<never> => definition as OperationDefinition<never>;

async function volume(world: World, name: string, more: object = {}): Promise<string> {
  const body = { volume: { name, size: 1, ...more } };
  const { volume: made } = await world.ask<{ volume: { id: string } }>('POST', '/volumes', body);
  return made.id;
}

async function settledVolume(world: World, name: string, more: object = {}): Promise<string> {
  const id = await volume(world, name, more);
  await world.idle();
  return id;
}

async function settledSnapshot(world: World, volumeId: string, name: string): Promise<string> {
  const body = { snapshot: { volume_id: volumeId, name } };
  const { snapshot } = await world.ask<{ snapshot: { id: string } }>('POST', '/snapshots', body);
  await world.idle();
  return snapshot.id;
}

/** Another client of the same host, to which the attachment moves. */
const OTHER_CONNECTOR = { ...CONNECTOR, initiator: 'iqn.1993-08.org.debian:01:other' };

async function attach(world: World, volumeId: string): Promise<{ status: number }> {
  return world.request('POST', '/attachments', {
    attachment: {
      volume_uuid: volumeId,
      instance_uuid: '11111111-2222-4333-8444-555555555555',
      connector: CONNECTOR,
    },
  });
}

/** Answers the attachment's path. */
async function attached(world: World): Promise<string> {
  const { status } = await attach(world, await settledVolume(world, 'used'));
  if (status !== 200) throw new Error(`attach: ${status}`);
  return `/attachments/${await onlyId(world, 'attachments', 'true')}`;
}

async function onlyId(
  world: World,
  table: 'volumes' | 'attachments' | 'snapshots',
  where: string,
): Promise<string> {
  const rows = await world.database.query<{ id: string }>(`select id from ${table} where ${where}`);
  if (rows.length !== 1) throw new Error(`${rows.length} ${table} where ${where}`);
  return rows[0]!.id;
}

const removeNew = async (world: World): Promise<unknown> =>
  world.ask('DELETE', `/volumes/${await onlyId(world, 'volumes', "name = 'new'")}`);

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'create an empty volume',
    definition: of(createVolume),
    skips: ['fill'],
    prepare: async () => '',
    ask: (world) => volume(world, 'new'),
    mend: removeNew,
    mended: 'as before',
  },
  {
    name: 'create a volume from a snapshot',
    definition: of(createVolume),
    skips: ['fill'],
    prepare: async (world) => settledSnapshot(world, await settledVolume(world, 'source'), 'point'),
    ask: (world, snapshot) => volume(world, 'new', { size: 2, snapshot_id: snapshot }),
    mend: removeNew,
    mended: 'as before',
  },
  {
    name: 'create a volume from a volume',
    definition: of(createVolume),
    skips: ['fill'],
    prepare: (world) => settledVolume(world, 'source'),
    ask: (world, source) => volume(world, 'new', { source_volid: source }),
    mend: removeNew,
    mended: 'as before',
  },
  {
    name: 'create a volume from an image',
    definition: of(createVolume),
    async prepare(world) {
      await promisify(execFile)('qemu-img', [
        'create',
        '-f',
        'qcow2',
        join(world.dir, 'images', 'disk.qcow2'),
        '64M',
      ]);
      return 'disk';
    },
    ask: (world, image) => volume(world, 'new', { imageRef: image }),
    mend: removeNew,
    mended: 'as before',
  },
  {
    name: 'delete a volume',
    definition: of(deleteVolume),
    skips: ['remove-snapshots'],
    prepare: async (world) => `/volumes/${await settledVolume(world, 'old')}`,
    ask: (world, path) => world.ask('DELETE', path),
    mend: (world, path) => world.ask('DELETE', path),
    mended: 'as after',
  },
  {
    name: 'delete a volume with its snapshots',
    definition: of(deleteVolume),
    async prepare(world) {
      const id = await settledVolume(world, 'old');
      await settledSnapshot(world, id, 'one');
      await settledSnapshot(world, id, 'two');
      return `/volumes/${id}?cascade=true`;
    },
    ask: (world, path) => world.ask('DELETE', path),
    mend: (world, path) => world.ask('DELETE', path),
    mended: 'as after',
  },
  {
    name: 'extend a volume',
    definition: of(extendVolume),
    prepare: async (world) => `/volumes/${await settledVolume(world, 'grown')}/action`,
    ask: (world, path) => world.ask('POST', path, { 'os-extend': { new_size: 3 } }),
    async mend(world, path) {
      const { volume: seen } = await world.ask<{ volume: { status: string } }>(
        'GET',
        path.replace('/action', ''),
      );
      if (seen.status !== 'available')
        await world.ask('POST', path, { 'os-reset_status': { status: 'available' } });
      await world.ask('POST', path, { 'os-extend': { new_size: 3 } });
    },
    mended: 'as after',
  },
  {
    name: 'upload a volume to an image',
    definition: of(uploadVolume),
    prepare: async (world) => `/volumes/${await settledVolume(world, 'source')}/action`,
    ask: (world, path) =>
      world.ask('POST', path, {
        'os-volume_upload_image': {
          image_name: 'copy',
          disk_format: 'qcow2',
          container_format: 'bare',
          protected: true,
        },
      }),
    mend: async () => undefined,
    mended: 'as before',
  },
  {
    name: 'create a snapshot',
    definition: of(createSnapshot),
    prepare: (world) => settledVolume(world, 'source'),
    ask: (world, id) => world.ask('POST', '/snapshots', { snapshot: { volume_id: id, name: 'new' } }),
    mend: async (world) =>
      world.ask('DELETE', `/snapshots/${await onlyId(world, 'snapshots', "name = 'new'")}`),
    mended: 'as before',
  },
  {
    name: 'delete a snapshot',
    definition: of(deleteSnapshot),
    prepare: async (world) =>
      `/snapshots/${await settledSnapshot(world, await settledVolume(world, 'source'), 'old')}`,
    ask: (world, path) => world.ask('DELETE', path),
    mend: (world, path) => world.ask('DELETE', path),
    mended: 'as after',
  },
  {
    name: 'connect an attachment',
    definition: of(connectAttachment),
    prepare: (world) => settledVolume(world, 'used'),
    ask: attach,
    mend: async (world) => world.ask('DELETE', `/attachments/${await onlyId(world, 'attachments', 'true')}`),
    mended: 'as before',
  },
  {
    name: 'connect an attachment that is connected already',
    definition: of(connectAttachment),
    prepare: attached,
    ask: (world, path) => world.request('PUT', path, { attachment: { connector: OTHER_CONNECTOR } }),
    mend: async () => undefined,
    mended: 'as before',
  },
  {
    name: 'disconnect an attachment',
    definition: of(disconnectAttachment),
    prepare: attached,
    ask: (world, path) => world.request('DELETE', path),
    mend: (world, path) => world.ask('DELETE', path),
    mended: 'as after',
  },
];
