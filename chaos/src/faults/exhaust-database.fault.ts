import type pg from 'pg';
import { END_OTHER_SESSIONS, connectControl } from '../field/control.js';
import { pause } from '../field/until.js';
import type { Fault } from './fault.js';

/** More than any server here allows. */
const MOST = 500;
const AT_ONCE = 40;
const AGAIN_MS = 200;

export const exhaustDatabase: Fault = {
  name: 'exhaust-database',
  what: 'Something takes every connection that PostgreSQL allows: all others are refused.',
  seconds: [25, 25],
  slice: false,
  excuses: false,
  aims: () => ['postgres'],
  async inflict(field) {
    const url = field.state.databaseUrl;
    const taken: pg.Client[] = [];
    const healing = new AbortController();
    const grab = async (): Promise<void> => {
      while (taken.length < MOST && !healing.signal.aborted) {
        const tries = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => connectControl(url)));
        taken.push(...tries.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
        if (tries.some(({ status }) => status === 'rejected')) return;
      }
    };
    const control = await connectControl(url);
    await grab();
    // Then those that the services still hold, as fast as they come back.
    const siege = (async () => {
      while (!healing.signal.aborted) {
        await control.query(END_OTHER_SESSIONS).catch(() => undefined);
        await grab();
        await pause(AGAIN_MS, healing.signal);
      }
    })();
    return async () => {
      healing.abort();
      await siege;
      await Promise.all([control, ...taken].map((client) => client.end().catch(() => undefined)));
    };
  },
};
