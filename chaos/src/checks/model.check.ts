import type { ModelVolume, Shelf } from '../workload/model.js';
import type { PatientClient } from '../workload/patient-client.js';
import type { Check, Finding } from './check.js';

/** A volume as the API shows it. */
export interface ShownVolume {
  id: string;
  name: string;
  status: string;
  size: number;
  metadata: Record<string, string>;
  attachments: { attachment_id: string }[];
}

export interface ShownSnapshot {
  id: string;
  name: string;
  status: string;
  size: number;
  volume_id: string;
}

const LIMIT_MS = 60_000;

export const modelCheck: Check = {
  name: 'what was promised is what the API shows: every volume, snapshot and attachment, with its size, metadata and status',
  async look({ shelves, clients }) {
    const each = [...shelves].map(async ([project, shelf]) => {
      const client = clients.get(project)!;
      const volumes = await listOf<ShownVolume>(client, 'volumes');
      const snapshots = await listOf<ShownSnapshot>(client, 'snapshots');
      return compare(shelf, volumes, snapshots);
    });
    return (await Promise.all(each)).flat();
  },
};

async function listOf<T>(client: PatientClient, kind: string): Promise<T[]> {
  const { body } = await client.get<Record<string, T[]>>(`/${kind}/detail`, { limitMs: LIMIT_MS });
  return body[kind]!;
}

/** What differs between what a project was promised and what it is shown. */
export function compare(
  shelf: Shelf,
  volumes: readonly ShownVolume[],
  snapshots: readonly ShownSnapshot[],
): Finding[] {
  const shown = new Map(volumes.map((volume) => [volume.id, volume]));
  const found: Finding[] = [];
  const note = (what: string, id: string, detail: unknown): void =>
    void found.push({ what, id, detail: `${id}: ${JSON.stringify(detail)}` });
  for (const volume of shelf.volumes) {
    const seen = shown.get(volume.id);
    shown.delete(volume.id);
    if (!seen) note('a volume that is gone', volume.id, volume);
    else {
      const different = differences(volume, seen);
      if (different.length > 0) note('a volume that is not as promised', volume.id, { different, seen });
    }
  }
  for (const volume of shown.values())
    note('a volume that nobody asked for, or that was deleted', volume.id, volume);
  const promised = new Map(
    shelf.volumes.flatMap((volume) =>
      volume.snapshots.map((snapshot) => [snapshot.id, { ...snapshot, volume }]),
    ),
  );
  for (const seen of snapshots) {
    const snapshot = promised.get(seen.id);
    promised.delete(seen.id);
    if (!snapshot) note('a snapshot that nobody asked for, or that was deleted', seen.id, seen);
    else if (
      seen.name !== snapshot.name ||
      seen.size !== snapshot.size ||
      seen.volume_id !== snapshot.volume.id ||
      (!snapshot.wrecked && seen.status !== 'available')
    )
      note('a snapshot that is not as promised', seen.id, seen);
  }
  for (const id of promised.keys()) note('a snapshot that is gone', id, null);
  return found;
}

function differences(volume: ModelVolume, seen: ShownVolume): string[] {
  const status = volume.attachment === undefined ? 'available' : 'in-use';
  const attached = seen.attachments.map(({ attachment_id }) => attachment_id);
  const wanted = volume.attachment === undefined ? [] : [volume.attachment];
  const right: [string, boolean][] = [
    ['name', seen.name === volume.name],
    ['size', seen.size === volume.size],
    ['metadata', JSON.stringify(sorted(seen.metadata)) === JSON.stringify(sorted(volume.metadata))],
    ['status', volume.wrecked || seen.status === status],
    ['attachments', volume.wrecked || JSON.stringify(attached) === JSON.stringify(wanted)],
  ];
  return right.filter(([, is]) => !is).map(([what]) => what);
}

/** Cinder shows some of an attachment as the volume's metadata. */
const OF_ATTACHMENTS = ['attached_mode', 'readonly'];

const sorted = (metadata: Record<string, string>): [string, string][] =>
  Object.entries(metadata)
    .filter(([key]) => !OF_ATTACHMENTS.includes(key))
    .sort();
