import type { InventoryItem } from '@scoria/drivers';
import { expectedOnBackend, type Database } from '@scoria/store';
import type { Backend } from './backend.js';

export interface InventoryDifference {
  /** On the storage, without a row; by name. */
  unknown: Map<string, InventoryItem>;
  /** A row at rest, without its bytes; `volume <id>` or `snapshot <id>`. */
  missing: Set<string>;
}

/**
 * Compares what is on the storage with what the database expects. One look: what comes or goes meanwhile may differ, so a
 * difference counts when a second look finds it too. Memory is bounded by what is on the storage; rows come in pages.
 */
export async function compareInventory(
  { driver, address }: Pick<Backend, 'driver' | 'address'>,
  database: Database,
): Promise<InventoryDifference> {
  // The storage first: its rows are there before their bytes.
  const unmatched = new Map((await driver.inventory()).map((item) => [keyOf(item), item]));
  const missing = new Set<string>();
  for await (const row of expectedOnBackend(database, address)) {
    const key = `${row.kind} ${row.id}`;
    if (!unmatched.delete(key) && !row.unsettled) missing.add(key);
  }
  return { unknown: new Map([...unmatched.values()].map((item) => [item.name, item])), missing };
}

/** What is none of ours is told apart by its place. */
const keyOf = ({ kind, id, pool, name }: InventoryItem): string =>
  id === undefined ? `${kind} ${pool} ${name}` : `${kind} ${id}`;
