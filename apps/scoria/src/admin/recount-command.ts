import { recount } from '@scoria/store';
import { openStore, type Whereabouts } from './open-store.js';

/** `scoria db recount`. */
export async function runRecount(where: Whereabouts): Promise<void> {
  const database = await openStore(where);
  try {
    const { claims, pools, usages } = await recount(database);
    console.log(`Corrected: ${claims} claims, ${pools} pools, ${usages} usages.`);
  } finally {
    await database.close();
  }
}
