import { createHmac, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import {
  claimWebhooks,
  completeDelivery,
  encodeCursor,
  feedEnds,
  forgetOldEvents,
  replayWebhook,
  readEvents,
  FIRST,
  type Database,
} from '@scoria/store';
import { waitFor } from '@scoria/testing';
import { WebhookWorld } from '../test-support/webhook-world.js';
import type { Received } from '../test-support/receiver.js';

let world: WebhookWorld;
beforeEach(async () => void (world = await WebhookWorld.open()));
afterEach(() => world[Symbol.asyncDispose]());

/** As a receiver that follows the Standard Webhooks specification checks a delivery. */
function isGenuine({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const content = `${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`;
  const age = Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']));
  return (
    age < 300 &&
    headers['webhook-signature'] === `v1,${createHmac('sha256', key).update(content).digest('base64')}`
  );
}

const NAMES = Array.from({ length: 20 }, (_, n) => `e${n}`);

test('events arrive in order, once, signed, and in batches of a bounded size', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url);
  await world.write(NAMES);
  await world.settled();
  world.deliverer({ batchSize: 6 });
  await waitFor(() => receiver.names, { until: (names) => names.length >= NAMES.length });
  expect(receiver.names).toEqual(NAMES);
  expect(receiver.received.map(({ events }) => events.length)).toEqual([6, 6, 6, 2]);
  for (const received of receiver.received) expect(isGenuine(received, world.secret)).toBe(true);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(4);
  expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({
    type: 'scoria.events',
    timestamp: expect.any(String),
    data: { webhook_id: id },
  });
  await waitFor(async () => (await world.show(id))['delivered_at']);
});

test('a delivery that fails is tried again as it was, and what came meanwhile waits', async () => {
  const receiver = await world.receiver();
  let status = 500;
  receiver.answer = (response) => void response.writeHead(status).end();
  const id = await world.webhook(receiver.url);
  world.deliverer();
  await world.write(['a', 'b']);
  const failed = await waitFor(() => world.show(id), { until: ({ failures }) => Number(failures) > 0 });
  expect(failed).toMatchObject({ last_error: 'The receiver answered 500.', enabled: true });
  await world.write(['c']);
  const refused = await waitFor(() => receiver.received.length, { until: (length) => length >= 2 });
  status = 200;
  await waitFor(() => receiver.names.includes('c'));
  const [first, ...again] = receiver.received.slice(0, refused + 1);
  for (const { headers, body } of again)
    expect([headers['webhook-id'], body]).toEqual([first!.headers['webhook-id'], first!.body]);
  expect(receiver.names.slice(-1)).toEqual(['c']);
  await waitFor(() => world.show(id), {
    until: ({ failures, last_error: error }) => failures === 0 && error === null,
  });
});

test('a killed deliverer’s lease is taken over, and what it says late changes nothing', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url);
  await world.write(['a', 'b']);
  await world.settled();
  const dead = randomUUID();
  const claim = { worker: dead, leaseSeconds: 3600, wellLimit: 5, troubledLimit: 5 };
  const [held] = await claimWebhooks(world.database, claim);
  expect(held!.id).toBe(id);
  expect(await claimWebhooks(world.database, { ...claim, worker: randomUUID() })).toEqual([]);
  const [lease] = await world.database.query<{ left: number }>(
    'select extract(epoch from lease_until - now())::float8 as left from webhooks',
  );
  expect(Math.ceil(lease!.left / 60)).toBe(60);
  await world.database.query('update webhooks set lease_until = now()');
  world.deliverer();
  await waitFor(() => receiver.names.length >= 2);
  const cursor = await waitFor(async () => (await world.show(id))['cursor'], {
    until: (at) => at !== '0-0' && receiver.names.length === 2,
  });
  await completeDelivery(world.database, dead, held!, { next: FIRST, sent: true, slow: false });
  expect((await world.show(id))['cursor']).not.toBe('0-0');
  expect(cursor).toBeDefined();
  expect(receiver.names).toEqual(['a', 'b']);
});

test('a deliverer that comes back after its lease was taken over sends nothing', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url);
  await world.write(NAMES.slice(0, 4));
  await world.settled();
  const gate = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const monotonic = performance.now.bind(performance);
  // Its reading takes until the gate opens.
  const database = Object.create(world.database, {
    query: {
      value: async (sql: string, values?: unknown[]) => {
        if (sql.includes('event_horizon')) {
          held.resolve();
          await gate.promise;
        }
        return world.database.query(sql, values);
      },
    },
  }) as Database;
  // It holds as many as it may, and does not take its own once more.
  const late = world.deliverer({ batchSize: 2, maxConcurrent: 1 }, { database });
  await held.promise;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => monotonic() + 3_600_000);
  try {
    await world.database.query('update webhooks set lease_until = now()');
    world.deliverer({ batchSize: 2 });
    await waitFor(() => receiver.names.length >= 4);
    gate.resolve();
    await late.stop(60_000);
    expect(receiver.names).toEqual(NAMES.slice(0, 4));
    expect(await world.show(id)).toMatchObject({ failures: 0, last_error: null });
  } finally {
    gate.resolve();
    now.mockRestore();
  }
});

test('two deliverers share the work: each event comes once and in order', async () => {
  const receiver = await world.receiver();
  await world.webhook(receiver.url);
  const deliverers = [world.deliverer({ batchSize: 2 }), world.deliverer({ batchSize: 2 })];
  await world.write(NAMES);
  await waitFor(() => receiver.names.length >= NAMES.length);
  await deliverers[0]!.stop(60_000);
  await world.write(['last']);
  await waitFor(() => receiver.names.includes('last'));
  expect(receiver.names).toEqual([...NAMES, 'last']);
});

test('dead receivers, however many, do not delay the others', async () => {
  const [dead, well] = [await world.receiver(), await world.receiver()];
  dead.answer = (response) => void response.writeHead(500).end();
  for (let n = 0; n < 16; n++) await world.webhook(dead.url);
  await world.webhook(well.url);
  world.deliverer({ maxConcurrent: 4 });
  await world.write(['first']);
  await waitFor(() => well.names.length === 1 && dead.received.length >= 16);
  // From here on they take requests and never answer: whoever holds a place for them holds it to the end of the test.
  let hanging = 0;
  dead.answer = () => void hanging++;
  await waitFor(() => world.hurry().then(() => hanging === 2));
  const names = ['first', 'second', 'third', 'fourth'];
  for (const [index, name] of names.entries()) {
    if (index > 0) await world.write([name]);
    await world.hurry();
    await waitFor(() => well.names.length === index + 1);
  }
  expect([well.names, hanging]).toEqual([names, 2]);
});

test('a receiver that takes long gets its events, and waits among the slow ones from then on', async () => {
  const receiver = await world.receiver();
  receiver.answer = (response) => void setTimeout(() => response.writeHead(204).end(), 2100);
  const id = await world.webhook(receiver.url);
  world.deliverer();
  await world.write(['a']);
  const laneOf = async () =>
    (await world.database.query<{ slow: boolean }>('select slow from webhooks where id = $1', [id]))[0]!.slow;
  await waitFor(laneOf);
  receiver.answer = (response) => void response.writeHead(204).end();
  await waitFor(async () => {
    await world.write(['b']);
    return !(await laneOf());
  });
  expect(receiver.names.slice(0, 2)).toEqual(['a', 'b']);
  expect((await world.show(id))['failures']).toBe(0);
});

test('a replay gives the same events in the same order', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url);
  world.deliverer({ batchSize: 3 });
  await world.write(NAMES);
  await waitFor(() => receiver.names.length >= NAMES.length);
  const ids = receiver.received.flatMap(({ events }) => events.map((event) => event.id));
  const page = await readEvents(world.database, {
    after: FIRST,
    limit: 5,
    filter: { projectId: 'p', types: [] },
  });
  await world.database.transaction((tx) => replayWebhook(tx, id, page.next));
  await waitFor(() => receiver.names.length >= 2 * NAMES.length - 5);
  const again = receiver.received
    .flatMap(({ events }) => events.map((event) => event.id))
    .slice(NAMES.length);
  expect(again).toEqual(ids.slice(5));
});

test('each webhook gets the events of its project and of its types, and its own tests alone', async () => {
  const [mine, volumes, theirs, all] = await Promise.all([0, 1, 2, 3].map(() => world.receiver()));
  const mineId = await world.webhook(mine!.url);
  await world.webhook(volumes!.url, { types: ['volume.create', 'volume.reserve'] });
  await world.webhook(theirs!.url, { projectId: 'q' });
  await world.webhook(all!.url, { projectId: 'office', allProjects: true });
  world.deliverer();
  await world.write(['update']);
  await world.write(['test'], { type: 'webhook.test', resourceId: mineId });
  await world.write(['reserve'], { type: 'volume.reserve' });
  await world.write(['foreign'], { projectId: 'q' });
  await world.write(['cloud'], { type: 'volume_type.update', projectId: null });
  await waitFor(() => all!.names.includes('cloud') && theirs!.names.length > 0 && mine!.names.length > 2);
  await waitFor(() => volumes!.names.length > 0);
  expect(mine!.names).toEqual(['update', 'test', 'reserve']);
  expect(volumes!.names).toEqual(['reserve']);
  expect(theirs!.names).toEqual(['foreign']);
  expect(all!.names).toEqual(['update', 'reserve', 'foreign', 'cloud']);
});

test('a receiver that fails for too long is disabled, with a reason and an event; one that has gone, at once', async () => {
  const [failing, gone] = [await world.receiver(), await world.receiver()];
  failing.answer = (response) => void response.writeHead(503).end();
  gone.answer = (response) => void response.writeHead(410).end();
  const ids = [await world.webhook(failing.url), await world.webhook(gone.url)];
  world.deliverer({ giveUpHours: 5 });
  await world.write(['a']);
  await waitFor(async () => Number((await world.show(ids[0]!))['failures']) > 0);
  expect((await world.show(ids[0]!))['enabled']).toBe(true);
  await world.database.query(
    `update webhooks set failing_since = now() - interval '6 hours' where failing_since is not null`,
  );
  const shown = await waitFor(() => Promise.all(ids.map((id) => world.show(id))), {
    until: (webhooks) => webhooks.every(({ enabled }) => enabled === false),
  });
  expect(shown.map((webhook) => webhook['disabled_reason'])).toEqual([
    'Deliveries failed for 5 hours.',
    'The receiver answered that it has gone (410).',
  ]);
  const events = await world.database.query(
    `select resource_id::text as id, project_id from events where type = 'webhook.disable'`,
  );
  expect(events).toEqual(expect.arrayContaining(ids.map((id) => ({ id, project_id: 'p' }))));
});

test('events that were removed before they could be delivered do not stop what comes after them', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url, { cursor: { xid: 3, id: 0 } });
  await world.write(['old', 'young']);
  await world.database.query(
    `update events set at = now() - interval '40 days' where payload->>'name' = 'old'`,
  );
  await forgetOldEvents(world.database, 30);
  await world.settled();
  world.deliverer();
  await waitFor(() => receiver.names.length > 0);
  expect(receiver.names).toEqual(['young']);
  expect((await world.show(id))['enabled']).toBe(true);
});

test('a webhook whose project was quiet is not told that events of others were removed', async () => {
  const receiver = await world.receiver();
  await world.write(['before']);
  await world.settled();
  const id = await world.webhook(receiver.url);
  await world.write(['foreign'], { projectId: 'q' });
  await world.settled();
  const { newest } = await feedEnds(world.database);
  await world.database.query(`update webhooks set due_at = now() - interval '13 hours'`);
  world.deliverer();
  await waitFor(() => world.show(id), { until: ({ cursor }) => cursor === encodeCursor(newest) });
  await world.database.query(`update events set at = now() - interval '40 days'`);
  expect(await forgetOldEvents(world.database, 30)).toMatchObject({ removed: 2 });
  await world.write(['young']);
  await waitFor(() => receiver.names.length > 0);
  expect(receiver.names).toEqual(['young']);
  expect(
    await waitFor(() => world.show(id), { until: (webhook) => webhook['delivered_at'] !== null }),
  ).toMatchObject({
    last_error: null,
  });
});

test('webhooks that only follow the feed wait for those that have something to deliver', async () => {
  const cursor = { xid: 3, id: 0 };
  const live = await world.webhook('http://127.0.0.1:9/', { cursor });
  const quiet = await world.webhook('http://127.0.0.1:9/', { cursor, projectId: 'q' });
  await world.write(['new']);
  await world.settled();
  await world.database.query(`update webhooks set due_at = now() - interval '13 hours' where id = $1`, [
    quiet,
  ]);
  const next = async () => {
    const claim = { worker: randomUUID(), leaseSeconds: 600, wellLimit: 1, troubledLimit: 0 };
    return (await claimWebhooks(world.database, claim)).map(({ id }) => id);
  };
  expect([await next(), await next()]).toEqual([[live], [quiet]]);
});

test('a webhook with a rare type, far behind, gets to its event, and lets others have their turn', async () => {
  const [rare, other] = await Promise.all([0, 1].map(() => world.receiver()));
  await world.webhook(rare!.url, { types: ['volume.reserve'] });
  await world.webhook(other!.url, { projectId: 'q' });
  await world.database.query(
    `insert into events (type, project_id, resource_type) select 'volume.update', 'p', 'volume'
       from generate_series(1, 21000)`,
  );
  await world.write(['reserve'], { type: 'volume.reserve' });
  await world.write(['foreign'], { projectId: 'q' });
  await world.settled();
  const order: string[] = [];
  for (const [name, receiver] of Object.entries({ rare, other })) {
    receiver!.answer = (response) => void (order.push(name), response.writeHead(204).end());
  }
  // One place for both: who found nothing for itself on a page does not keep it.
  world.deliverer({ maxConcurrent: 2 });
  await waitFor(() => order.length === 2);
  expect(order).toEqual(['other', 'rare']);
  expect([rare!.names, other!.names]).toEqual([['reserve'], ['foreign']]);
});

test('a batch that cannot be read is told of, and no receiver is blamed or disabled for it', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url);
  await world.database.query('alter table event_horizon rename to away');
  world.deliverer({ giveUpHours: 0 });
  await world.write(['a']);
  const shown = await waitFor(() => world.show(id), { until: ({ last_error: error }) => error !== null });
  expect(shown).toMatchObject({
    enabled: true,
    failures: 0,
    last_error: expect.stringMatching(/not be read/),
  });
  await world.database.query('alter table away rename to event_horizon');
  await world.hurry();
  await waitFor(() => receiver.names.length > 0);
  await waitFor(() => world.show(id), { until: ({ last_error: error }) => error === null });
});
