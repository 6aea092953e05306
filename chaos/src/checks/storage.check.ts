import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '@scoria/store';
import type { Field } from '../field/field.js';
import { runProgram } from '../field/programs.js';
import type { Check, Finding, Scene } from './check.js';
import { lasting } from './lasting.js';

/** The pool's own files. Copies that were not finished and what is being deleted are gone when nothing is under way. */
export const isKept = (name: string): boolean => /^\.scoria-|^lost\+found$/.test(name);
const IMAGE_OF_THE_WORKLOAD = 'disk.qcow2';
/** An image begins as one, in a request: a gateway that is killed then leaves it, as with Glance. The undo of an upload does not. */
const DESCRIPTION = /\.json(\.part)?$/;
const UUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
/** Named after its operation. */
const WORK_FILE = /^image-([0-9a-f-]{36})\./;

export const storageCheck: Check = {
  name: 'database = disk = exports: a file of its size for every row and a row for every file, an export for every attachment and none else',
  look: (scene) => lasting(() => lookOnce(scene)),
};

async function lookOnce({ field, database }: Scene): Promise<Finding[]> {
  const found = await Promise.all(
    field.storageHosts.map(async ({ host }) => [
      ...(await filesOf(field, database, host)),
      ...(await exportsOf(field, database, host)),
      ...(await workFilesOf(field, database, host)),
    ]),
  );
  return [...found.flat(), ...(await imagesOf(field, database))];
}

async function filesOf(field: Field, database: Database, host: string): Promise<Finding[]> {
  const directory = join(field.volumesDir(host), 'file');
  const names = (await readdir(directory)).filter((name) => !isKept(name));
  const sizes = names.map(async (name) => [name, (await stat(join(directory, name))).size] as const);
  const rows = await database.query<StoredRow>(
    `select id, 'volume-' || id as name, status, size as gib from volumes where pool like $1
     union all select s.id, 'snapshot-' || s.id, s.status, s.volume_size
                 from snapshots s join volumes v on v.id = s.volume_id where v.pool like $1`,
    [`${host}@file#%`],
  );
  return compareFiles(host, rows, new Map(await Promise.all(sizes)));
}

/** A volume or a snapshot, and the file that it should have. */
interface StoredRow {
  id: string;
  name: string;
  status: string;
  gib: number;
}

const GIB = 2 ** 30;

/** What differs between a host's rows and the bytes of its files, by their names. What is in error may be anything. */
export function compareFiles(
  host: string,
  rows: readonly StoredRow[],
  sizes: ReadonlyMap<string, number>,
): Finding[] {
  const onDisk = new Set(sizes.keys());
  const well = rows.filter(({ status }) => !status.startsWith('error'));
  const known = new Set(rows.map(({ name }) => name));
  return [
    ...[...onDisk.difference(known)].map((name) => {
      const id = UUID.exec(name)?.[0];
      return { what: 'on disk without a row', detail: `${host}: ${name}`, ...(id ? { id } : {}) };
    }),
    ...well
      .filter(({ name }) => !onDisk.has(name))
      .map(({ id, name, status }) => ({
        what: 'a row without its file',
        detail: `${host}: ${name}, ${status}`,
        id,
      })),
    ...well
      .filter(({ name, gib }) => onDisk.has(name) && sizes.get(name) !== gib * GIB)
      .map(({ id, name, gib }) => ({
        what: 'a file of another size than its row',
        detail: `${host}: ${name}, ${sizes.get(name)} bytes instead of ${gib} GiB`,
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
  const uploads = await database.query<Upload>(
    `select id, state, input ->> 'imageId' as image from operations where kind = 'volume.upload' and not live`,
  );
  return compareImages(uploads, await readdir(field.imagesDir));
}

interface Upload {
  id: string;
  state: string;
  image: string;
}

/** What differs between the uploads that succeeded and the files in the directory of images. */
export function compareImages(uploads: readonly Upload[], files: readonly string[]): Finding[] {
  const left = new Set(files).difference(new Set([IMAGE_OF_THE_WORKLOAD]));
  const lost = uploads.filter(({ image, state }) => !left.delete(`${image}.qcow2`) && state === 'succeeded');
  const failed = uploads.filter(
    ({ image, state }) => files.includes(`${image}.qcow2`) && state !== 'succeeded',
  );
  const failedImages = new Set(
    uploads.filter(({ state }) => state !== 'succeeded').map(({ image }) => image),
  );
  const told = (what: string, those: readonly Upload[]): Finding[] =>
    those.map(({ id, state, image }) => ({ what, detail: `${image}, ${state}`, id }));
  return [
    ...told('an upload without its image', lost),
    ...told('an image of a failed upload', failed),
    ...[...left]
      .filter((name) => !DESCRIPTION.test(name) || failedImages.has(UUID.exec(name)?.[0] ?? ''))
      .map((name) => ({ what: 'a file among the images that is none', detail: name })),
  ];
}

/**
 * What is left where images are converted. Operations remove theirs before they end well; what one leaves that was given
 * up while its host was away goes with a sweep of every five minutes, for which nobody waits here.
 */
async function workFilesOf(field: Field, database: Database, host: string): Promise<Finding[]> {
  const files = await readdir(field.conversionDir(host)).catch(() => []);
  if (files.length === 0) return [];
  const failed = await database.query<{ id: string }>(
    `select id from operations where state in ('failed', 'cancelled')`,
  );
  return compareWorkFiles(host, files, new Set(failed.map(({ id }) => id)));
}

/** @param failed operations that did not end well */
export function compareWorkFiles(
  host: string,
  files: readonly string[],
  failed: ReadonlySet<string>,
): Finding[] {
  return files
    .filter((name) => !failed.has(WORK_FILE.exec(name)?.[1] ?? ''))
    .map((name) => ({ what: 'a work file that was left behind', detail: `${host}: ${name}` }));
}
