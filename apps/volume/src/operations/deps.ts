import type { ImagesConfig } from '@scoria/config';
import { Fault, describeError } from '@scoria/domain';
import { ExportsAway } from '@scoria/exports';
import { removeWorkFiles, type ImageService } from '@scoria/images';
import { NotYet, type OperationRecord } from '@scoria/operations';
import {
  findSnapshot,
  findVolume,
  readersOf,
  type Database,
  type SecretBox,
  type SnapshotRow,
  type VolumeRow,
} from '@scoria/store';
import type { ServiceLogger } from '@scoria/worker';
import type { Backends } from '../backend.js';

/** What the steps of the volume service work with. */
export interface StepDeps {
  database: Database;
  backends: Backends;
  secrets: SecretBox;
  images: ImageService | undefined;
  imagesConfig: ImagesConfig;
  logger: ServiceLogger;
}

export async function volumeRow({ database }: StepDeps, id: string): Promise<VolumeRow> {
  const row = await findVolume(database, id);
  if (!row) throw new Fault('notFound', `Volume ${id} could not be found.`);
  return row;
}

export async function snapshotRow({ database }: StepDeps, id: string): Promise<SnapshotRow> {
  const row = await findSnapshot(database, id);
  if (!row) throw new Fault('notFound', `Snapshot ${id} could not be found.`);
  return row;
}

/** What others still read from is not removed under them; the operation comes again. */
export async function waitForReaders(
  { database }: StepDeps,
  of: { volumeId: string } | { snapshotId: string },
  operation: OperationRecord,
): Promise<void> {
  const readers = await readersOf(database, of, operation.id);
  if (readers > 0) throw new NotYet(`${readers} operations still read from it`);
}

/**
 * What has to be done to exports, done once what serves them is there: until then the operation comes again, up to its
 * deadline. A daemon that died takes longer to come back than a step's tries take.
 */
export async function onceExportsServe<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ExportsAway) throw new NotYet(describeError(error), error.retryAfter * 1000);
    throw error;
  }
}

export function imageService({ images }: StepDeps): ImageService {
  if (!images) throw new Fault('badRequest', 'No image service is configured on the storage host.');
  return images;
}

/** Removes what interrupted runs of the operation have kept of an image. */
export async function forgetImage({ imagesConfig }: StepDeps, { id }: OperationRecord): Promise<void> {
  await removeWorkFiles(imagesConfig.conversionDir, (owner) => owner === id);
}

/** Operations outlive tokens: the service acts with its own credentials, for this project and user. */
export const imageCaller = ({
  projectId,
  userId,
}: OperationRecord): { projectId: string; userId: string } => ({
  projectId,
  userId,
});
