import { END_OTHER_SESSIONS, connectControl } from '../field/control.js';
import type { Field } from '../field/field.js';
import type { Fault } from './fault.js';

/** In a session of its own, in which writing stays allowed. */
async function set(field: Field, ...statements: string[]): Promise<void> {
  const client = await connectControl(field.state.databaseUrl);
  try {
    for (const sql of [...statements, 'select pg_reload_conf()', END_OTHER_SESSIONS]) await client.query(sql);
  } finally {
    await client.end();
  }
}

export const readOnlyDatabase: Fault = {
  name: 'read-only-database',
  what: 'PostgreSQL takes no writes, as a standby that is not promoted yet; sessions are ended before and after.',
  seconds: [5, 20],
  slice: true,
  excuses: false,
  aims: () => ['postgres'],
  async inflict(field) {
    await set(field, 'alter system set default_transaction_read_only = on');
    return () => set(field, 'alter system reset default_transaction_read_only');
  },
};
