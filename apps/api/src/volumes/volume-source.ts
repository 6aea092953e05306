import {
  Fault,
  SNAPSHOT_ALLOWED_FROM,
  VOLUME_ALLOWED_FROM,
  isAllowed,
  parseBackendAddress,
  backendName,
} from '@scoria/domain';
import type { ImageInfo } from '@scoria/images';
import type { VolumeSource } from '@scoria/operations';
import { shareSnapshot, shareVolume, type Tx } from '@scoria/store';
import type { Call } from '../frame/call.js';
import type { CreateVolumeBody } from './volume-bodies.js';

const GIB = 1024 ** 3;

/** What a new volume takes over from where its data comes from. */
export interface SourceFacts {
  source: VolumeSource;
  /** GiB the volume must have at least. */
  minSize: number;
  /** GiB when the request names none; null when it must. */
  defaultSize: number | null;
  volumeTypeId: string | null;
  availabilityZone: string | null;
  bootable: boolean;
  /** `host@backend`: copies are made where the data is. */
  pinnedTo: string | null;
  holds: { volumeId?: string; snapshotId?: string }[];
  /** How messages call it. */
  label: string;
}

const EMPTY: SourceFacts = {
  source: { kind: 'empty' },
  minSize: 1,
  defaultSize: null,
  volumeTypeId: null,
  availabilityZone: null,
  bootable: false,
  pinnedTo: null,
  holds: [],
  label: 'volume',
};

/** Only one of them makes sense; Cinder refuses more too. */
export function refuseSeveralSources(body: CreateVolumeBody): void {
  const named = [body.snapshot_id, body.source_volid, body.imageRef ?? body.image_id, body.backup_id];
  if (named.filter((source) => source !== undefined && source !== null).length > 1) {
    throw new Fault('badRequest', 'Invalid input received: at most one source of the volume may be given.');
  }
}

/** The rows are locked against deletion until the operation holds them. */
export async function findSource(
  tx: Tx,
  call: Call,
  body: CreateVolumeBody,
  image: ImageInfo | undefined,
): Promise<SourceFacts> {
  if (image) return fromImage(image);
  if (body.snapshot_id) return fromSnapshot(tx, call, body.snapshot_id);
  if (body.source_volid) return fromVolume(tx, call, body.source_volid);
  return EMPTY;
}

async function fromSnapshot(tx: Tx, call: Call, id: string): Promise<SourceFacts> {
  const snapshot = await shareSnapshot(tx, id, call.scope);
  if (!isAllowed(SNAPSHOT_ALLOWED_FROM.createVolume, snapshot.status)) {
    throw new Fault(
      'badRequest',
      `Invalid snapshot: Originating snapshot status must be one of available values`,
    );
  }
  return {
    source: { kind: 'snapshot', snapshotId: id },
    minSize: snapshot.volumeSize,
    defaultSize: snapshot.volumeSize,
    volumeTypeId: snapshot.volumeTypeId,
    availabilityZone: snapshot.availabilityZone,
    bootable: snapshot.bootable,
    pinnedTo: backendOf(snapshot.pool),
    holds: [{ snapshotId: id }],
    label: 'snapshot',
  };
}

async function fromVolume(tx: Tx, call: Call, id: string): Promise<SourceFacts> {
  const volume = await shareVolume(tx, id, call.scope);
  if (!isAllowed(VOLUME_ALLOWED_FROM.cloneFrom, volume.status) || volume.pool === null) {
    throw new Fault(
      'badRequest',
      'Invalid volume: Originating volume status must be one of available, in-use values',
    );
  }
  return {
    source: { kind: 'volume', volumeId: id },
    minSize: volume.size,
    defaultSize: volume.size,
    volumeTypeId: volume.volumeTypeId,
    availabilityZone: volume.availabilityZone,
    bootable: volume.bootable,
    pinnedTo: backendOf(volume.pool),
    holds: [{ volumeId: id }],
    label: 'source volume',
  };
}

function fromImage(image: ImageInfo): SourceFacts {
  const bytes = Math.max(image.sizeBytes, image.virtualSizeBytes ?? 0);
  return {
    ...EMPTY,
    source: { kind: 'image', imageId: image.id },
    minSize: Math.max(1, image.minDiskGib, Math.ceil(bytes / GIB)),
    label: 'image',
  };
}

const backendOf = (pool: string | null): string | null => {
  const address = pool === null ? undefined : parseBackendAddress(pool);
  return address ? backendName(address) : null;
};
