import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { DeepPartial, ScoriaConfig } from '@scoria/config';
import type { AuthHeaders } from '@scoria/identity';
import { startTelemetry, type Telemetry } from '@scoria/telemetry';
import { waitFor } from '@scoria/testing';
import type { WireFault } from '../../testing/client.js';
import { RoleAuthenticator } from '../../testing/role-authenticator.js';
import { POOL, seedPool, unlimited } from '../../testing/seed.js';
import { POOL_SIZE, startTestApi, type TestApi } from '../../testing/test-api.js';

const LIST = '/v3/volumes';
const GREEDY = 'u:greedy:reader';
const OTHER = 'u:other:reader';

let telemetry: Telemetry;
beforeAll(async () => {
  telemetry = await startTelemetry({ service: 'scoria-api-test', env: {} });
  await (await startTestApi()).close(); // What the first start takes is no test's time.
});
afterAll(() => telemetry.shutdown());

const open = (config: DeepPartial<ScoriaConfig>): Promise<TestApi> =>
  startTestApi({ authenticator: new RoleAuthenticator(), config });

/** Keeps every list of volumes waiting until it is disposed of. */
async function listsWait({ database }: TestApi): Promise<AsyncDisposable & { end: () => void }> {
  const end = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const held = database.transaction(async (tx) => {
    // However long a test takes: the session is not ended for doing nothing.
    await tx.query('set local idle_in_transaction_session_timeout = 0');
    await tx.query('lock table volumes in access exclusive mode');
    begun.resolve();
    await end.promise;
  });
  await begun.promise;
  return {
    end: end.resolve,
    async [Symbol.asyncDispose]() {
      end.resolve();
      await held;
    },
  };
}

/** Takes every connection that the gateway has, until it is disposed of. */
async function poolIsFull({ database }: TestApi): Promise<Disposable> {
  const taken: Awaited<ReturnType<typeof database.connections.take>>[] = [];
  while (taken.length < POOL_SIZE) taken.push(await waitFor(() => database.connections.take()));
  return {
    [Symbol.dispose]() {
      for (const client of taken.splice(0)) client.release();
    },
  };
}

const inFlight = async (api: TestApi): Promise<number> =>
  (await api.database.query(`select from pg_locks where relation = 'volumes'::regclass and not granted`))
    .length;

/** Sends the head of a request, and of its body nothing. */
function sendHead({ url }: TestApi, token: string, head: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head} HTTP/1.1\r\nhost: ${hostname}\r\nx-auth-token: ${token}\r\n`);
  socket.write('content-type: application/json\r\ncontent-length: 100000\r\n\r\n');
  return socket;
}

async function firstLine(socket: Socket): Promise<string> {
  const [data] = (await once(socket, 'data')) as [Buffer];
  return data.toString().split('\r\n', 1)[0]!;
}

describe('more requests than can be served', () => {
  it('are refused before their callers are known, in the form of every error; probes are answered', async () => {
    const gate = Promise.withResolvers<void>();
    const roles = new RoleAuthenticator();
    const slow = {
      authenticate: async (headers: AuthHeaders) => {
        if (headers.authToken === GREEDY) await gate.promise;
        return roles.authenticate(headers);
      },
    };
    await using busy = await startTestApi({
      authenticator: slow,
      config: { api: { maxInFlight: 2, projectShare: 1 } },
    });
    using _ = { [Symbol.dispose]: gate.resolve };
    const all = Array.from({ length: 5 }, () => busy.as(GREEDY).get(LIST));
    const first = await Promise.race(all);
    expect([first.status, first.headers.get('retry-after')]).toEqual([503, '1']);
    expect((first.body.serviceUnavailable as WireFault).code).toBe(503);
    expect(first.headers.get('x-compute-request-id')).toMatch(/^req-/);
    for (const path of ['/live', '/ready', '/healthcheck', '/metrics']) {
      expect((await busy.as('').get(path)).status).toBe(200);
    }
    await waitFor(async () =>
      /refused_total{.*reason="in_flight".*} 3/.test((await busy.as('').get('/metrics')).text),
    );
    // Scoria's own routes have room of their own. This one does not exist, and says so.
    expect((await busy.as('u:admin:admin').get('/scoria/v1/nothing')).status).toBe(404);
    gate.resolve();
    expect((await Promise.all(all)).map(({ status }) => status).sort()).toEqual([200, 200, 503, 503, 503]);
    expect((await busy.as(GREEDY).get(LIST)).status).toBe(200);
  });

  it('of one project leave room for others', async () => {
    await using api = await open({ api: { maxInFlight: 8, projectShare: 0.5 } });
    await using lists = await listsWait(api);
    const all = Array.from({ length: 6 }, () => api.as(GREEDY).get(LIST));
    const refused = await Promise.race(all);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.body).toEqual({
      overLimit: { code: 429, message: 'This request was rate-limited.', retryAfter: '1' },
    });
    const other = api.as(OTHER).get(LIST);
    await waitFor(async () => (await inFlight(api)) === 5);
    lists.end();
    expect((await other).status).toBe(200);
    expect((await Promise.all(all)).map(({ status }) => status).sort()).toEqual([
      200, 200, 200, 200, 429, 429,
    ]);
  });

  it('of one project are refused again without being looked into, until there is room', async () => {
    const roles = new RoleAuthenticator();
    const asked: string[] = [];
    const authenticator = {
      authenticate: (headers: AuthHeaders) => {
        asked.push(headers.authToken!);
        return roles.authenticate(headers);
      },
    };
    await using api = await startTestApi({
      authenticator,
      config: { api: { maxInFlight: 4, projectShare: 0.5 } },
    });
    await using lists = await listsWait(api);
    const held = [0, 1].map(() => api.as(GREEDY).get(LIST));
    await waitFor(async () => (await inFlight(api)) === 2);
    for (let index = 0; index < 3; index++) {
      const { status, body } = await api.as(GREEDY).get(LIST);
      expect([status, body.overLimit.retryAfter]).toEqual([429, '1']);
    }
    expect(asked).toEqual([GREEDY, GREEDY, GREEDY]);
    // Another token of the project, and another project, are looked into as ever.
    expect((await api.as('v:greedy:reader').get(LIST)).status).toBe(429);
    expect((await api.as(OTHER).get('/v3/limits')).status).toBe(200);
    lists.end();
    await Promise.all(held);
    expect((await api.as(GREEDY).get(LIST)).status).toBe(200);
  });

  it('are refused before their bodies are read', async () => {
    await using api = await open({ api: { maxInFlight: 3, projectShare: 0.34 } });
    await using _ = await listsWait(api);
    const sockets: Socket[] = [];
    const send = (token: string, head: string): Socket => {
      const socket = sendHead(api, token, head);
      sockets.push(socket);
      return socket;
    };
    send(GREEDY, `GET ${LIST}`);
    await waitFor(async () => (await inFlight(api)) === 1);
    expect(await firstLine(send(GREEDY, `POST ${LIST}`))).toBe('HTTP/1.1 429 Too Many Requests');
    for (const token of [OTHER, 'u:third:reader']) send(token, `GET ${LIST}`);
    await waitFor(async () => (await inFlight(api)) === 3);
    expect(await firstLine(send(OTHER, `POST ${LIST}`))).toBe('HTTP/1.1 503 Service Unavailable');
    for (const socket of sockets) socket.destroy();
  });

  it('give back their places when their clients go away', async () => {
    await using api = await open({ api: { maxInFlight: 8, projectShare: 0.5 } });
    await using _ = await listsWait(api);
    const sockets = Array.from({ length: 4 }, () => sendHead(api, GREEDY, `GET ${LIST}`));
    await waitFor(async () => (await inFlight(api)) === 4);
    expect((await api.as(GREEDY).get('/v3/limits')).status).toBe(429);
    for (const socket of sockets) socket.destroy();
    await waitFor(async () => (await api.as(GREEDY).get('/v3/limits')).status === 200);
  });

  it('give back their places when their clients go away before they are known', async () => {
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const roles = new RoleAuthenticator();
    const slow = {
      authenticate: async (headers: AuthHeaders) => {
        asked.resolve();
        await gate.promise;
        return roles.authenticate(headers);
      },
    };
    await using api = await startTestApi({ authenticator: slow, config: { api: { maxInFlight: 2 } } });
    using _ = { [Symbol.dispose]: gate.resolve };
    const socket = sendHead(api, GREEDY, `GET ${LIST}`);
    await asked.promise;
    socket.destroy();
    await waitFor(async () => (await api.as('').get('/metrics')).text.includes('requests_in_flight 0'));
    gate.resolve();
    for (let index = 0; index < 3; index++) expect((await api.as(GREEDY).get(LIST)).status).toBe(200);
  });

  it('give back their places when their clients do not take the answers', async () => {
    await using api = await open({ api: { maxInFlight: 1, requestTimeoutMs: 3000 } });
    // More than the system holds for a client that does not read.
    await seedPool(api.database);
    await unlimited(api.database, 'greedy');
    await api.database.query(
      `insert into volumes (id, project_id, user_id, name, size, status, volume_type_id, availability_zone, pool, metadata)
       select gen_random_uuid(), 'greedy', 'u', 'v', 1, 'available', t.id, 'nova', $1,
              jsonb_build_object('pad', repeat('x', 100000))
         from volume_types t, generate_series(1, 150) where t.name = '__DEFAULT__'`,
      [POOL],
    );
    const ask = async (): Promise<IncomingMessage> => {
      const asking = request(`${api.url}${LIST}/detail`, { headers: { 'x-auth-token': GREEDY } });
      const [answer] = (await once(asking.end(), 'response')) as [IncomingMessage];
      if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}`);
      return answer;
    };
    // Where the machine is held up, 503 is an answer, too.
    const unread = await waitFor(ask);
    await waitFor(async () => (await api.as(OTHER).get(LIST)).status === 200);
    expect(unread.complete).toBe(false);
    unread.destroy();
  });

  it('are refused by rate where the operator says so', async () => {
    await using api = await open({ api: { rateLimit: { requestsPerSecond: 0.01, burst: 2 } } });
    const statuses = [];
    for (let index = 0; index < 3; index++) statuses.push((await api.as(GREEDY).get(LIST)).status);
    expect(statuses).toEqual([200, 200, 429]);
    const { headers } = await api.as(GREEDY).get(LIST);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
    expect((await api.as(OTHER).get(LIST)).status).toBe(200);
  });
});

describe('a full pool of database connections', () => {
  it('answers 503 instead of waiting for ever, and is no reason to be taken out of service', async () => {
    await using api = await open({ database: { waitTimeoutMs: 1000 } });
    {
      using _ = await poolIsFull(api);
      const all = Array.from({ length: 5 }, () => api.as(OTHER).get(LIST));
      for (const { status, headers } of await Promise.all(all))
        expect([status, headers.get('retry-after')]).toEqual([503, '1']);
      expect((await api.as('').get('/ready')).status).toBe(200);
    }
    expect((await api.as(OTHER).get(LIST)).status).toBe(200);
  });

  it('makes new requests be refused before they join the queue', async () => {
    await using api = await open({ api: { maxInFlight: 40, projectShare: 1, maxDatabaseWaitMs: 50 } });
    const { connections } = api.database;
    const all = [];
    {
      using _ = await poolIsFull(api);
      // Up to a quarter of what may be in flight is taken whatever waits.
      for (let index = 0; index < 10; index++) all.push(api.as(OTHER).get(LIST));
      await waitFor(() => connections.waiting === 10 && connections.waitedMs > 50);
      expect((await api.as('u:third:reader').get(LIST)).status).toBe(503);
      expect(connections.waiting).toBe(10);
    }
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect((await api.as('').get('/metrics')).text).toMatch(/refused_total{.*reason="database".*} \d/);
  });
});

it('a project with too many live operations is told to wait', async () => {
  await using api = await open({ operations: { maxLivePerProject: 2 } });
  const create = (token: string) => api.as(token).post(LIST, { volume: { size: 1 } });
  for (const status of [202, 202, 429]) expect((await create('u:p:member')).status).toBe(status);
  const { headers, body } = await create('u:p:member');
  expect([headers.get('retry-after'), body.overLimit.retryAfter]).toEqual(['30', '30']);
  expect(body.overLimit.message).toContain('2 operations');
  expect((await create('u:other:member')).status).toBe(202);
});
