import { isUuid } from '@scoria/domain';
import { hostOfInstance, poolsOfVolumes, type Database } from '@scoria/store';
import type { AffinityHint, PlacementRequest } from './placement-request.js';

/** Volumes that one hint may name. */
const MAX_NAMES = 100;

type Understood = Pick<PlacementRequest, 'sameHost' | 'differentHost' | 'localToInstance'>;

/**
 * What the user's scheduler hints come to: where the volumes are that they name, and where the server runs. Only what
 * belongs to the project is looked at, so that nobody learns where others' volumes are. Unknown hints are ignored.
 */
export async function understandHints(
  database: Database,
  projectId: string,
  hints: Readonly<Record<string, unknown>>,
): Promise<Understood> {
  const { same_host: same, different_host: different, local_to_instance: server } = hints;
  return {
    ...(given(same) && { sameHost: await affinity(database, projectId, same) }),
    ...(given(different) && { differentHost: await affinity(database, projectId, different) }),
    ...(given(server) && { localToInstance: await locality(database, projectId, server) }),
  };
}

/** An empty list asks for nothing. */
function given(hint: unknown): boolean {
  return hint !== undefined && hint !== null && !(Array.isArray(hint) && hint.length === 0);
}

async function affinity(database: Database, projectId: string, hint: unknown): Promise<AffinityHint> {
  const names: unknown[] = Array.isArray(hint) ? hint : [hint];
  const ids = names.filter(isUuidText);
  if (ids.length !== names.length || ids.length > MAX_NAMES) return { valid: false, pools: new Set() };
  return { valid: true, pools: new Set(await poolsOfVolumes(database, projectId, ids)) };
}

async function locality(
  database: Database,
  projectId: string,
  hint: unknown,
): Promise<NonNullable<Understood['localToInstance']>> {
  if (!isUuidText(hint)) return { valid: false, host: undefined };
  return { valid: true, host: await hostOfInstance(database, projectId, hint) };
}

const isUuidText = (value: unknown): value is string =>
  typeof value === 'string' && isUuid(value.toLowerCase());
