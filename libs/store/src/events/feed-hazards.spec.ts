import { waitFor } from '@scoria/testing';
import type { Database } from '../database.js';
import { NotificationListener } from '../notification-listener.js';
import { EventWorld, namesOf } from '../test-support/event-world.js';
import { EVENTS_CHANNEL } from './event-bell.js';
import { FIRST, compareCursors, decodeCursor, encodeCursor, type EventCursor } from './event-cursor.js';
import { EventFeed } from './event-feed.js';
import { LOOK } from './event-window.js';
import { forgetOldEvents } from './forget-old-events.js';
import { feedEnds, heldBackSeconds, readEvents } from './read-events.js';

let world: EventWorld;
beforeEach(async () => void (world = await EventWorld.open()));
afterEach(() => world[Symbol.asyncDispose]());

/** How a feed is often read: by id alone. */
const byId = (after: string): Promise<{ id: string; name: string }[]> =>
  world.database.query(`select id, payload->>'name' as name from events where id > $1 order by id`, [after]);

test('an event that is committed late is lost to a cursor of ids, and not to the feed', async () => {
  const slow = await world.begin();
  await world.write('late', slow.tx);
  await world.write('early');

  const ids = await byId('0');
  expect(ids.map(({ name }) => name)).toEqual(['early']);
  const held = await world.readNow();
  expect([namesOf(held), held.held]).toEqual([[], true]);
  expect(await heldBackSeconds(world.database)).toBeGreaterThan(0);

  await slow.commit();
  expect(await byId(ids[0]!.id)).toEqual([]); // Lost.
  expect(namesOf(await world.read(held.next))).toEqual(['late', 'early']);
});

test('the numbers of transactions that left nothing behind are given again after a crash: no reader is told to go on beyond them', async () => {
  await world.write('last');
  const { events } = await world.read();
  const last = events[0]!.cursor;
  for (let times = 0; times < 3; times++) await world.database.query('select pg_current_xact_id()');
  const { next } = await world.read(last);
  const { newest } = await feedEnds(world.database);
  expect([next, newest]).toEqual([last, last]);
});

test('writers that overlap in every way: each event comes once, in one order for all readers', async () => {
  const seen: string[] = [];
  let cursor: EventCursor = { xid: 0, id: 0 };
  let writing = true;
  const reader = (async () => {
    while (writing) {
      const page = await world.readNow(cursor, 3);
      seen.push(...namesOf(page));
      cursor = page.next;
    }
  })();
  const wanted: string[] = [];
  await Promise.all(
    [0, 1, 2, 3].map(async (writer) => {
      for (let n = 0; n < 40; n++) {
        wanted.push(`${writer}.${n}`);
        await world.database.transaction(async (tx) => {
          await world.write(`${writer}.${n}`, tx);
          // Keeps the transaction open for as long as others take for one of theirs.
          await world.database.query('select pg_sleep($1)', [(n % 4) / 1000]);
        });
      }
    }),
  );
  writing = false;
  await reader;
  for (let page = await world.read(cursor); ; page = await world.read(page.next)) {
    seen.push(...namesOf(page));
    if (!page.more) break;
  }
  expect([...seen].sort()).toEqual(wanted.sort());
  expect(seen).toEqual(namesOf(await world.read(undefined, 1000)));
});

test('a filter that leaves everything out still moves the cursor on', async () => {
  await world.write('other', undefined, 'q');
  const page = await world.read();
  expect(page.events).toEqual([]);
  expect(page.next.xid).toBeLessThanOrEqual((await feedEnds(world.database)).newest.xid);
  expect(page.next.xid).toBeGreaterThan(0);
});

test('an event of a transaction that was rolled back never comes', async () => {
  await expect(
    world.database.transaction(async (tx) => {
      await world.write('never', tx);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await world.write('after');
  expect(namesOf(await world.read())).toEqual(['after']);
});

test('what is older than the retention is removed in order; a cursor before it is gone and is told the oldest', async () => {
  for (const name of ['a', 'b', 'c', 'd']) await world.write(name);
  // The third is still young, and keeps what is behind it.
  await world.database.query(
    `update events set at = now() - interval '31 days' where payload->>'name' in ('a', 'b', 'd')`,
  );
  const [a, b] = (await world.read()).events;
  expect(await forgetOldEvents(world.database, 30)).toEqual({ removed: 2, more: false });
  expect(await forgetOldEvents(world.database, 30)).toEqual({ removed: 0, more: false });
  expect(namesOf(await world.read())).toEqual(['c', 'd']);
  expect(namesOf(await world.read(b!.cursor))).toEqual(['c', 'd']);
  const oldest = encodeCursor(b!.cursor);
  await expect(world.read(a!.cursor)).rejects.toMatchObject({ kind: 'gone', members: { oldest } });
  expect(namesOf(await world.read(decodeCursor(oldest)))).toEqual(['c', 'd']);
});

test('a cursor of another database is refused instead of waiting for ever', async () => {
  await expect(world.read({ xid: 2 ** 40, id: 1 })).rejects.toMatchObject({ kind: 'gone' });
  expect(() => decodeCursor('nonsense')).toThrow('cursor');
});

describe('those who follow', () => {
  const everything = { projectId: null, types: [] };
  let listener: NotificationListener;
  beforeEach(() => void (listener = new NotificationListener(world.hazards.test.url)));
  afterEach(() => listener.close());

  test('see the same events whether they come from memory or from the database', async () => {
    const feed = new EventFeed(world.database, listener);
    const signal = new AbortController().signal;
    const follower = feed.follow();
    try {
      const start = (await feedEnds(world.database)).newest;
      const seen: string[] = [];
      let cursor = start;
      const wanted = Array.from({ length: 30 }, (_, n) => String(n));
      const writer = (async () => {
        for (const name of wanted) await world.write(name);
      })();
      while (seen.length < wanted.length) {
        const page = await follower.read({ after: cursor, limit: 7, filter: everything });
        seen.push(...namesOf(page));
        cursor = page.next;
        if (!page.more) await follower.changed(cursor, 100, signal);
      }
      await writer;
      expect(seen).toEqual(wanted);
      expect(namesOf(await world.read(start))).toEqual(wanted);
      const fromDatabase = await feed.read({ after: start, limit: 100, filter: everything });
      expect(namesOf(fromDatabase)).toEqual(wanted);
    } finally {
      follower.end();
    }
  });

  test('hear of what was written before the first look, which no page of it has', async () => {
    const gate = Promise.withResolvers<void>();
    const query = (sql: string, values?: unknown[]) =>
      gate.promise.then(() => world.database.query(sql, values));
    const late = Object.create(world.database, { query: { value: query } }) as Database;
    const follower = new EventFeed(late, listener).follow();
    const signal = new AbortController().signal;
    try {
      const { newest } = await feedEnds(world.database);
      let heard = false;
      void follower.changed(newest, 3_600_000, signal).then(() => (heard = true));
      await world.write('early');
      await world.read(); // Once it can be seen.
      gate.resolve();
      await waitFor(() => heard);
    } finally {
      follower.end();
    }
  });

  test('see the end of an older transaction that nobody tells of', async () => {
    const feed = new EventFeed(world.database, listener);
    const follower = feed.follow();
    try {
      const { newest } = await feedEnds(world.database);
      const slow = await world.begin();
      await slow.tx.query('select pg_current_xact_id()'); // Writes something, but no event.
      await world.write('waits');
      expect(namesOf(await world.readNow(newest))).toEqual([]);
      await slow.commit();
      await waitFor(
        async () =>
          namesOf(await follower.read({ after: newest, limit: 10, filter: everything }))[0] === 'waits',
      );
    } finally {
      follower.end();
    }
  });
});

test('a commit of events wakes those who listen', async () => {
  const listener = new NotificationListener(world.hazards.test.url);
  let [ready, rings] = [false, 0];
  // Without a payload it says that it listens from now on.
  listener.on(EVENTS_CHANNEL, (payload) => void (payload === undefined ? (ready = true) : rings++));
  try {
    await waitFor(() => ready);
    await world.write('a');
    await waitFor(() => rings > 0);
  } finally {
    await listener.close();
  }
});

test('a page does not end in the middle of what a filter would have shown', async () => {
  for (const project of ['p', 'q', 'p', 'q', 'p']) await world.write(project, undefined, project);
  await world.read(); // Once all can be seen.
  const filter = { projectId: 'p', types: ['volume.'] };
  const first = await readEvents(world.database, { after: { xid: 0, id: 0 }, limit: 2, filter });
  const second = await readEvents(world.database, { after: first.next, limit: 2, filter });
  expect([first.events.length, first.more, second.events.length, second.more]).toEqual([2, true, 1, false]);
});

test('pages that end where looking has ended lose nothing, show nothing twice, and come to the end', async () => {
  const filter = { projectId: 'p', types: ['snapshot.'] };
  const wanted: string[] = [];
  for (const [step, others] of [0, LOOK - 1, LOOK, LOOK + 1, 3 * LOOK].entries()) {
    await world.database.query(
      `insert into events (type, project_id, resource_type) select 'volume.update', 'p', 'volume'
         from generate_series(1, $1)`,
      [others],
    );
    await world.database.query(
      `insert into events (type, project_id, resource_type, payload)
       values ('snapshot.update', 'p', 'snapshot', jsonb_build_object('name', $1::text))`,
      [String(step)],
    );
    wanted.push(String(step));
  }
  await world.read(); // Once all can be seen.
  const { newest } = await feedEnds(world.database);
  const seen: string[] = [];
  let [after, more, pages]: [EventCursor, boolean, number] = [FIRST, true, 0];
  for (; more; pages++) {
    const page = await readEvents(world.database, { after, limit: 2, filter });
    expect(compareCursors(page.next, after)).toBeGreaterThan(0);
    seen.push(...namesOf(page));
    [after, more] = [page.next, page.more];
  }
  expect(seen).toEqual(wanted);
  expect(compareCursors(after, newest)).toBeGreaterThanOrEqual(0);
  expect(pages).toBeLessThanOrEqual(10);
  // What is read again up to where a page has ended is that page.
  const first = await readEvents(world.database, { after: FIRST, limit: 100, filter });
  const again = await readEvents(world.database, { after: FIRST, until: first.next, limit: 100, filter });
  expect([again.events, again.next]).toEqual([first.events, first.next]);
});
