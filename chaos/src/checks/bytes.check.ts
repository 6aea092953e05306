import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Initiator } from '@scoria/exports/conformance';
import { runProgram } from '../field/programs.js';
import { CONNECTOR, INITIATOR, connectionOf } from '../workload/acts/attachments.js';
import { PLACES, PLACE_BYTES, endCommands, endOf, readCommands, type Content } from '../workload/content.js';
import type { ModelVolume } from '../workload/model.js';
import type { PatientClient } from '../workload/patient-client.js';
import type { Check, Finding, Scene } from './check.js';

/** Volumes that are read as a client reads them, over iSCSI. All are read on disk. */
const SAMPLE = 8;

export const bytesCheck: Check = {
  name: 'every volume, snapshot, clone and image holds the bytes that were written, to its end; a sample is read over iSCSI, and written at its end',
  async look(scene) {
    return [...(await onDisk(scene)), ...(await inImages(scene)), ...(await overIscsi(scene))];
  },
};

async function onDisk({ field, database, shelves }: Scene): Promise<Finding[]> {
  const hosts = await database.query<{ id: string; host: string }>(
    `select v.id, split_part(pool, '@', 1) as host from volumes v where pool like '%@file#%'
     union all select s.id, split_part(pool, '@', 1) from snapshots s join volumes v on v.id = s.volume_id`,
  );
  const hostOf = new Map(hosts.map(({ id, host }) => [id, host]));
  const found: Finding[] = [];
  const look = async (
    name: string,
    { id, content, size }: Pick<ModelVolume, 'id' | 'content' | 'size'>,
  ): Promise<void> => {
    const host = hostOf.get(id);
    if (content === undefined || host === undefined) return;
    const path = join(field.volumesDir(host), 'file', name);
    const wrong = await differenceIn(path, content, size).catch(String);
    if (wrong) found.push({ what: 'wrong bytes on disk', detail: `${name} on ${host}: ${wrong}`, id });
  };
  for (const { volumes } of shelves.values())
    for (const volume of volumes.filter(({ type, wrecked }) => type === 'file' && !wrecked)) {
      await look(`volume-${volume.id}`, volume);
      for (const snapshot of volume.snapshots)
        if (!snapshot.wrecked) await look(`snapshot-${snapshot.id}`, snapshot);
    }
  return found;
}

/** Where a file of so many GiB holds something else, or undefined. Nobody has written to its last block. */
export async function differenceIn(path: string, content: Content, gib: number): Promise<string | undefined> {
  await using file = await open(path, 'r');
  const blocks = content.map((byte, place) => ({ byte, at: PLACES[place]! }));
  for (const { byte, at } of [...blocks, { byte: 0, at: endOf(gib) }]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PLACE_BYTES), 0, PLACE_BYTES, at);
    if (bytesRead !== PLACE_BYTES) return `it ends before ${at + PLACE_BYTES}`;
    const bad = buffer.findIndex((found) => found !== byte);
    if (bad >= 0) return `${buffer[bad]} instead of ${byte} at ${at + bad}`;
  }
  return undefined;
}

async function inImages({ field, database, shelves }: Scene): Promise<Finding[]> {
  const succeeded = await database.query<{ id: string; image: string }>(
    `select id, input ->> 'imageId' as image from operations where kind = 'volume.upload' and state = 'succeeded'`,
  );
  const contents = new Map([...shelves.values()].flatMap(({ uploads }) => [...uploads]));
  const found: Finding[] = [];
  for (const { id, image } of succeeded) {
    const content = contents.get(image);
    if (!content) continue;
    const wrong = await differenceInImage(join(field.imagesDir, `${image}.qcow2`), content);
    if (wrong) found.push({ what: 'wrong bytes in an image', detail: `${image}: ${wrong}`, id });
  }
  return found;
}

/** What qemu has against an image that shall hold this, or undefined. */
export function differenceInImage(path: string, content: Content): Promise<string | undefined> {
  const commands = readCommands(content).flatMap((command) => ['-c', command]);
  return runProgram('qemu-io', ['-r', '-f', 'qcow2', ...commands, path]).then(
    // A pattern that differs is printed, and yet exit code 0 in some versions.
    (said) => (/failed/i.test(said) ? said : undefined),
    String,
  );
}

async function overIscsi({ shelves, clients }: Scene): Promise<Finding[]> {
  const known = [...shelves].flatMap(([project, { volumes }]) =>
    volumes
      .filter(
        ({ type, wrecked, content, attachment }) => type === 'file' && !wrecked && content && !attachment,
      )
      .map((volume) => ({ client: clients.get(project)!, volume })),
  );
  const found: Finding[] = [];
  // The largest have grown, or are copies that had to.
  const sample = known.toSorted((a, b) => b.volume.size - a.volume.size).slice(0, SAMPLE);
  for (const { client, volume } of sample) {
    const wrong = await read(client, volume).catch(String);
    if (wrong)
      found.push({ what: 'wrong bytes over iSCSI', detail: `${volume.id}: ${wrong}`, id: volume.id });
  }
  return found;
}

async function read(client: PatientClient, volume: ModelVolume): Promise<string | undefined> {
  const body = { attachment: { volume_uuid: volume.id, connector: CONNECTOR } };
  const made = await client.request<{ attachment: { id: string } }>('POST', '/attachments', body);
  if (made.status >= 300) return `not attached: ${made.status} ${JSON.stringify(made.body)}`;
  const { attachment } = made.body;
  try {
    await new Initiator(connectionOf(attachment), { name: INITIATOR }).io(
      ...readCommands(volume.content!),
      ...endCommands(volume.size),
    );
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    await client.request('DELETE', `/attachments/${attachment.id}`);
  }
}
