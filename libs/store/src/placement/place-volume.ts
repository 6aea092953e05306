import type { Tx } from '../database.js';
import { LOCK_ROOM, releaseClaim } from '../pools.js';

export interface PoolCandidate {
  /** `host@backend#pool`. */
  address: string;
  availabilityZone: string;
  /** GiB that all claims of the pool may reach with this volume's, where that is less than the pool's own limit. */
  limitGib: number;
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
    const { address, availabilityZone, limitGib } = candidate;
    const [, placed] = await tx.query<[unknown[], number]>(PLACE, [
      address,
      volume.sizeGib,
      limitGib,
      volume.id,
      availabilityZone,
    ]);
    if (placed > 0) return candidate;
    await tx.query('rollback to savepoint claim');
  }
  return undefined;
}

/** One statement, since all that are placed in this pool wait for its row until the commit. */
const PLACE = `
  with room as materialized (${LOCK_ROOM}),
  claimed as (
    insert into claims (pool, volume_id, size_gib) select address, $4, $2 from room returning pool)
  update volumes set pool = claimed.pool, availability_zone = $5 from claimed where id = $4`;

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
