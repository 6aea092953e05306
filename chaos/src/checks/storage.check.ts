import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@scoria/store';
import type { Field } from '../field/field.js';
import { runProgram } from '../field/programs.js';
import type { Check, Finding } from './check.js';

/** Files of ours that are no volumes: the pool's own, and what is still being freed. */
const HOUSEKEEPING = /^\.|^lost\+found$/;

export const storageCheck: Check = {
  name: 'database = disk = exports: a file for every row and a row for every file, an export for every attachment and none else',
  async look({ field, database }) {
    const found = await Promise.all(
      field.storageHosts.map(async ({ host }) => [
        ...(await filesOf(field, database, host)),
        ...(await exportsOf(field, database, host)),
      ]),
    );
    return [...found.flat(), ...(await imagesOf(field, database))];
  },
};

async function filesOf(field: Field, database: Database, host: string): Promise<Finding[]> {
  const names = await readdir(join(field.volumesDir(host), 'file'));
  const onDisk = new Set(names.filter((name) => !HOUSEKEEPING.test(name)));
  const rows = await database.query<{ id: string; name: string; status: string }>(
    `select id, 'volume-' || id as name, status from volumes where pool like $1
     union all select s.id, 'snapshot-' || s.id, s.status from snapshots s join volumes v on v.id = s.volume_id where v.pool like $1`,
    [`${host}@file#%`],
  );
  const known = new Set(rows.map(({ name }) => name));
  return [
    ...[...onDisk.difference(known)].map((name) => ({
      what: 'on disk without a row',
      detail: `${host}: ${name}`,
      id: name.replace(/^\w+-/, ''),
    })),
    ...rows
      .filter(({ name, status }) => !status.startsWith('error') && !onDisk.has(name))
      .map(({ id, name, status }) => ({
        what: 'a row without its file',
        detail: `${host}: ${name}, ${status}`,
        id,
      })),
  ];
}

async function exportsOf(field: Field, database: Database, host: string): Promise<Finding[]> {
  const exported = await database.query<{ id: string }>(
    `select a.id from attachments a join volumes v on v.id = a.volume_id where a.exported and v.pool like $1`,
    [`${host}@file#%`],
  );
  const wanted = new Set(exported.map(({ id }) => id));
  const served = await servedBy(field, host);
  return [
    ...[...wanted.difference(served)].map((id) => ({
      what: 'an attachment without its export',
      detail: `${host}: ${id}`,
      id,
    })),
    ...[...served.difference(wanted)].map((id) => ({
      what: 'an export without its attachment',
      detail: `${host}: ${id}`,
      id,
    })),
  ];
}

/** Ids of the attachments that a host serves over iSCSI. */
async function servedBy(field: Field, host: string): Promise<Set<string>> {
  const show = ['-C', '1', '--lld', 'iscsi', '--mode', 'target', '--op', 'show'];
  const env = { TGT_IPC_SOCKET: join(field.iscsiDir(host), 'tgtd') };
  const text = await runProgram('tgtadm', show, { env });
  return new Set([...text.matchAll(/Target \d+: iqn\S*:([0-9a-f-]{36})/g)].map(([, id]) => id!));
}

/** An upload that succeeded has its image, and one that did not has left none. */
async function imagesOf(field: Field, database: Database): Promise<Finding[]> {
  const files = new Set((await readdir(field.imagesDir)).filter((name) => name !== 'disk.qcow2'));
  const uploads = await database.query<{ id: string; state: string; image: string }>(
    `select id, state, input ->> 'imageId' as image from operations where kind = 'volume.upload' and not live`,
  );
  return uploads
    .filter(({ state, image }) => (state === 'succeeded') !== files.has(`${image}.qcow2`))
    .map(({ id, state, image }) => ({
      what: state === 'succeeded' ? 'an upload without its image' : 'an image of a failed upload',
      detail: `${image}, ${state}`,
      id,
    }));
}
