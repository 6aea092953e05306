import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { EventWorld, namesOf } from '../test-support/event-world.js';
import { insertWebhook } from '../webhooks/webhook-rows.js';
import type { EventCursor } from './event-cursor.js';
import { feedEnds, readEvents } from './read-events.js';

/** What docs/events.md tells operators to run after a restore. */
const text = readFileSync(new URL('../../../../docs/events.md', import.meta.url), 'utf8');
const AFTER_RESTORE = /^begin;$.*?^commit;$/ms.exec(text)![0];

let world: EventWorld;
beforeEach(async () => void (world = await EventWorld.open()));
afterEach(() => world[Symbol.asyncDispose]());

async function webhookAt(cursor: EventCursor): Promise<string> {
  const id = randomUUID();
  await world.database.transaction((tx) =>
    insertWebhook(
      tx,
      {
        id,
        projectId: 'p',
        userId: 'u',
        url: 'https://example.com',
        types: [],
        allProjects: false,
        enabled: true,
        sealedSecret: Buffer.alloc(1),
        cursor,
      },
      10,
    ),
  );
  return id;
}

async function undelivered(webhook: string): Promise<string[]> {
  const [row] = await world.database.query<{ after: EventCursor }>(
    `select json_build_object('xid', cursor_xid, 'id', cursor_id) as after from webhooks where id = $1`,
    [webhook],
  );
  return namesOf(await world.read(row!.after));
}

// The server before had come much farther, or it is the same.
test.each([2 ** 40, 0])(
  'after a restore webhooks go on with all that they had not delivered, and cursors from before are refused (ids differ by %d)',
  async (shift) => {
    const early = await world.begin();
    await early.tx.query('select pg_current_xact_id()');
    await world.write('b');
    await world.write('c');
    await world.write('a', early.tx); // First in the feed, with the last id of the three.
    await early.commit();
    const page = await world.read();
    expect(namesOf(page)).toEqual(['a', 'b', 'c']);
    const [none, some, most] = [page.events[0]!, page.events[1]!, page.events[2]!].map(
      ({ cursor }) => cursor,
    );
    const webhooks = {
      new: await webhookAt({ xid: none!.xid, id: 0 }),
      lagging: await webhookAt(some!),
      done: await webhookAt(most!),
      idle: await webhookAt(page.next),
    };
    const moved = (cursor: EventCursor): EventCursor => ({ ...cursor, xid: cursor.xid + shift });
    await world.database.query('update events set xid = xid + $1', [shift]);
    await world.database.query('update webhooks set cursor_xid = cursor_xid + $1', [shift]);

    await world.database.query(AFTER_RESTORE);

    await world.write('d');
    expect(await undelivered(webhooks.new)).toEqual(['b', 'c', 'a', 'd']);
    expect(await undelivered(webhooks.lagging)).toEqual(['c', 'a', 'd']);
    expect(await undelivered(webhooks.done)).toEqual(['d']);
    expect(await undelivered(webhooks.idle)).toEqual(['d']);
    for (const cursor of [none!, some!, most!, page.next].map(moved)) {
      await expect(world.read(cursor)).rejects.toMatchObject({ kind: 'gone' });
    }
    const { oldest } = await feedEnds(world.database);
    const all = await readEvents(world.database, {
      after: oldest,
      limit: 10,
      filter: { projectId: 'p', types: [] },
    });
    expect(namesOf(all)).toEqual(['b', 'c', 'a', 'd']);
  },
);
