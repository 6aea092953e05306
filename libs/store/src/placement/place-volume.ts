import type { Tx } from '../database.js';
import { claimForVolume, releaseClaim } from '../pools.js';

export interface PoolCandidate {
  /** `host@backend#pool`. */
  address: string;
  availabilityZone: string;
}

/**
 * Claims room for a volume in the first candidate that still has it, and puts the volume there. Undefined when none
 * has: nothing has changed then.
 *
 * Each try has a savepoint, because a pool that turns out to be full after a wait for its row stays locked otherwise:
 * two placements that lost each other's pools would then wait for each other.
 */
export async function placeVolume<C extends PoolCandidate>(
  tx: Tx,
  volume: { id: string; sizeGib: number },
  candidates: readonly C[],
): Promise<C | undefined> {
  for (const candidate of candidates) {
    await tx.query('savepoint claim');
    if (await claimForVolume(tx, candidate.address, volume.id, volume.sizeGib)) {
      await tx.query('update volumes set pool = $2, availability_zone = $3 where id = $1', [
        volume.id,
        candidate.address,
        candidate.availabilityZone,
      ]);
      return candidate;
    }
    await tx.query('rollback to savepoint claim');
  }
  return undefined;
}

/** Takes a volume out of its pool and gives its claim back. */
export async function unplaceVolume(
  tx: Tx,
  volumeId: string,
  availabilityZone: string | null,
): Promise<void> {
  await releaseClaim(tx, { volumeId });
  await tx.query('update volumes set pool = null, availability_zone = $2 where id = $1', [
    volumeId,
    availabilityZone,
  ]);
}
