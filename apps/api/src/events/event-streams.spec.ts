import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { recordEvents } from '@scoria/store';
import { startTelemetry, type Telemetry } from '@scoria/telemetry';
import { waitFor } from '@scoria/testing';
import type { AuthHeaders, Identity } from '@scoria/identity';
import { EventSource } from '../testing/event-source.js';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { startTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.js';

/** Tokens of users called `short` end at once; those of `held` are known when the gate opens. */
class ExpiringAuthenticator extends RoleAuthenticator {
  readonly asked = Promise.withResolvers<void>();
  readonly gate = Promise.withResolvers<void>();

  override async authenticate(headers: AuthHeaders): Promise<Identity> {
    const identity = await super.authenticate(headers);
    const short = identity.context.userId === 'short';
    if (identity.context.userId === 'held') {
      this.asked.resolve();
      await this.gate.promise;
    }
    return { ...identity, ...(short ? { expiresAt: new Date(Date.now() + 50) } : {}) };
  }
}

let telemetry: Telemetry;
beforeAll(async () => void (telemetry = await startTelemetry({ service: 'scoria-api-test', env: {} })));
afterAll(() => telemetry.shutdown());

const apis: TestApi[] = [];
const sources: EventSource[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) source.close();
  for (const api of apis.splice(0)) await api.close();
});

async function start(
  events: object = {},
  api: object = {},
  authenticator = new ExpiringAuthenticator(),
): Promise<TestApi> {
  const options: TestApiOptions = { authenticator, config: { events, api } };
  const started = await startTestApi(options);
  apis.push(started);
  return started;
}

async function open(
  api: TestApi,
  query = '',
  { project = 'p', user = 'u', headers = {} } = {},
): Promise<EventSource> {
  const url = `${api.url}/scoria/v1/events${query}`;
  const source = await EventSource.open(url, `${user}:${project}:reader`, headers);
  sources.push(source);
  return source;
}

const write = (api: TestApi, name: string, projectId = 'p'): Promise<void> =>
  api.database.transaction((tx) =>
    recordEvents(
      tx,
      [{ type: 'volume.update', projectId, resourceId: randomUUID(), payload: { name } }],
      'req-1',
    ),
  );

function connectTo({ url }: TestApi): Socket {
  const { hostname, port } = new URL(url);
  return connect(Number(port), hostname);
}

const streamRequest = (token: string, query = ''): string =>
  `GET /scoria/v1/events${query} HTTP/1.1\r\nhost: x\r\nx-auth-token: ${token}\r\naccept: text/event-stream\r\n\r\n`;

const metricsOf = async (api: TestApi): Promise<string> => (await api.as('').get('/metrics')).text;

const namesOf = (source: EventSource): unknown[] => source.events.map(({ data }) => data.payload['name']);

/** Its position is known to the client: whatever is written from here on will come. */
const ready = (source: EventSource) => waitFor(() => source.lastId !== '');

test('a stream shows what happens from now on, to each project its own', async () => {
  const api = await start();
  await write(api, 'before');
  const [mine, theirs] = [await open(api), await open(api, '', { project: 'q' })];
  await Promise.all([ready(mine), ready(theirs)]);
  expect([mine.status, mine.response.headers['content-type']]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ]);
  expect(mine.retryMs).toBeGreaterThanOrEqual(1000);
  await write(api, 'one');
  await write(api, 'foreign', 'q');
  await write(api, 'two');
  await waitFor(() => namesOf(mine).includes('two'));
  const [event] = mine.events;
  expect(event).toMatchObject({ event: 'volume.update', data: { type: 'volume.update' } });
  expect(event!.id).toBe(event!.data.id);
  await theirs.received(1);
  expect(namesOf(theirs)).toEqual(['foreign']);
  expect(namesOf(mine).filter((name) => name !== 'before')).toEqual(['one', 'two']);
});

test('a client that was away goes on from its last event, by header or by query, without loss or repeat', async () => {
  const api = await start();
  const first = await open(api);
  await ready(first);
  for (const name of ['a', 'b']) await write(api, name);
  const [, b] = await first.received(2);
  first.close();
  for (const name of ['c', 'd']) await write(api, name);
  const byHeader = await open(api, '?after=oldest', { headers: { 'last-event-id': b!.id } });
  const byQuery = await open(api, `?after=${b!.id}&type=volume.`);
  for (const source of [byHeader, byQuery]) {
    await source.received(2);
    await write(api, 'live');
    await source.received(3);
    expect(namesOf(source).slice(0, 3)).toEqual(['c', 'd', 'live']);
  }
});

test('a silent stream gives signs of life, and they carry where to go on from', async () => {
  const api = await start({ heartbeatSeconds: 1 });
  const source = await open(api);
  await ready(source);
  const start0 = source.lastId;
  for (let n = 0; n < 3; n++) await write(api, 'foreign', 'q');
  await waitFor(() => source.comments > 0 && source.lastId !== start0);
  expect(source.events).toEqual([]);
});

test('a stream of what is rare and long ago tells how far it has come, and gets there', async () => {
  const api = await start({ heartbeatSeconds: 1 });
  await api.database.query(
    `insert into events (type, project_id, resource_type) select 'volume.update', 'p', 'volume'
       from generate_series(1, 30000)`,
  );
  await api.database.query(
    `insert into events (type, project_id, resource_type) values ('snapshot.update', 'p', 'snapshot')`,
  );
  const source = await open(api, '?after=oldest&type=snapshot.');
  await source.received(1);
  expect(source.events.map(({ event }) => event)).toEqual(['snapshot.update']);
  await write(api, 'other');
  await waitFor(() => source.comments > 0 && source.lastId !== source.events[0]!.id);
  expect(source.events).toHaveLength(1);
});

test('a stream takes no place of the requests in flight, and none is refused because of it', async () => {
  const api = await start({}, { maxInFlight: 1 });
  await ready(await open(api));
  await ready(await open(api, '', { project: 'q' }));
  // However its path is written.
  const encoded = await EventSource.open(`${api.url}/%73coria/v1/events`, 'u:r:reader');
  sources.push(encoded);
  await ready(encoded);
  expect((await api.as('u:p:reader').get('/v3/volumes')).status).toBe(200);
});

test('a stream lasts longer than any request may take', async () => {
  const api = await start({ heartbeatSeconds: 1 }, { requestTimeoutMs: 500 });
  // Its beginning is a request like any other, and may come too late.
  const source = await waitFor(() => open(api), { until: ({ status }) => status === 200 });
  await waitFor(() => source.comments > 1);
  await write(api, 'late');
  await source.received(1);
});

test('too many streams, of one project or at all, are refused with a time to come again', async () => {
  const api = await start({ maxStreams: 3, maxStreamsPerProject: 2 });
  const opened = [await open(api), await open(api)];
  const third = await open(api);
  expect([third.status, third.response.headers['retry-after']]).toEqual([429, '10']);
  expect((await open(api, '', { project: 'q' })).status).toBe(200);
  expect((await open(api, '', { project: 'r' })).status).toBe(429);
  const counted = async () =>
    Number(
      /^scoria_http_requests_total{.*events.*status="200".*} (\d+)$/m.exec(await metricsOf(api))?.[1] ?? 0,
    );
  const before = await counted();
  opened[0]!.close();
  await waitFor(async () => (await open(api)).status === 200);
  // And it is a request like any other to whoever counts them.
  await waitFor(counted, { until: (count) => count > before });
});

test('a client that has gone before its stream begins leaves none behind', async () => {
  const authenticator = new ExpiringAuthenticator();
  const api = await start({ maxStreamsPerProject: 1 }, {}, authenticator);
  const gone = async () =>
    Number(
      /^scoria_event_streams_ended_total\{reason="client"\} (\d+)$/m.exec(await metricsOf(api))?.[1] ?? 0,
    );
  const before = await gone();
  const socket = connectTo(api);
  socket.write(streamRequest('held:p:reader'));
  await authenticator.asked.promise;
  socket.destroy();
  await waitFor(async () => /http_requests_total{.*events.*status="499"/.test(await metricsOf(api)));
  authenticator.gate.resolve();
  await waitFor(gone, { until: (count) => count > before });
  expect((await open(api)).status).toBe(200);
});

test('a client that does not read is cut off, instead of being collected for', async () => {
  const api = await start({ slowClientSeconds: 1 });
  await api.database.query(
    `insert into events (type, project_id, resource_type, resource_id, payload)
     select 'volume.update', 'p', 'volume', gen_random_uuid(), jsonb_build_object('name', n, 'pad', repeat('x', 8000))
       from generate_series(1, 3000) n`,
  );
  const socket = connectTo(api);
  socket.on('error', () => {}).pause();
  socket.write(streamRequest('u:p:reader', '?after=oldest'));
  const slow = /^scoria_event_streams_ended_total\{reason="slow"\} 1$/m;
  await waitFor(async () => slow.test(await metricsOf(api)));
  socket.destroy();
});

test('a stream ends with the life of its token, and with its own', async () => {
  const api = await start({ streamSeconds: 1 });
  const [short, long] = [await open(api, '', { user: 'short' }), await open(api)];
  expect([short.status, long.status]).toEqual([200, 200]);
  await waitFor(() => short.ended && long.ended);
  expect(short.response.complete && long.response.complete).toBe(true);
});

test('a gateway that stops ends its streams cleanly, and the client goes on at another', async () => {
  const api = await start();
  const source = await open(api);
  await ready(source);
  await write(api, 'one');
  await source.received(1);
  apis.pop();
  const closing = api.close();
  await waitFor(() => source.ended);
  expect(source.response.complete).toBe(true);
  await closing;
});

test('what is wrong with a stream is told before it begins', async () => {
  const api = await start();
  expect((await open(api, '?after=zz')).status).toBe(400);
  expect((await open(api, '', { headers: { 'last-event-id': 'ffffffffff-1' } })).status).toBe(410);
  expect((await open(api, '?all_projects=true')).status).toBe(403);
});
