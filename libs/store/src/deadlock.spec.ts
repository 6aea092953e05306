import { waitFor } from '@scoria/testing';
import type { Database, Tx } from './database.js';
import { HazardWorld } from './test-support/hazard-world.js';

test('of two transactions that block each other the one that is ended runs again, and both are done', async () => {
  await using world = await HazardWorld.open();
  const { database } = world;
  await database.query('create table counters (name text primary key, value integer not null)');
  await database.query(`insert into counters values ('a', 0), ('b', 0)`);
  let holding = 0;
  const bothHold = waitFor(() => holding >= 2);
  const inOrder = (first: string, second: string): Promise<void> =>
    database.transaction(async (tx) => {
      await increment(tx, first);
      holding++;
      await bothHold;
      await increment(tx, second);
    });
  await Promise.all([inOrder('a', 'b'), inOrder('b', 'a')]);
  expect(await valuesIn(database)).toEqual([2, 2]);
  // Otherwise nothing was ended, and nothing proved.
  expect(holding).toBeGreaterThan(2);
});

const increment = (tx: Tx, name: string): Promise<unknown> =>
  tx.query('update counters set value = value + 1 where name = $1', [name]);

async function valuesIn(database: Database): Promise<number[]> {
  const rows = await database.query<{ value: number }>('select value from counters order by name');
  return rows.map(({ value }) => value);
}
