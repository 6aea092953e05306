import { randomUUID } from 'node:crypto';
import type { OperationRecord } from '@scoria/operations';
import { PostgresOperationStore, reportService } from '@scoria/store';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { BACKEND, seedVolume, unlimited } from '../testing/seed.js';
import { statementsOf } from '../testing/statements.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Operation {
  id: string;
  [key: string]: unknown;
}

interface Answer {
  operation: Operation;
  operations: Operation[];
  operations_links?: { rel: string; href: string }[];
  volume: { id: string };
  badRequest: { message: string };
  conflictingRequest: { message: string };
}

const PATH = '/scoria/v1/operations';
const MEMBER = 'u:p:reader,member';
const ADMIN = 'a:admins:admin,member,reader';
const WORKER = { id: randomUUID(), service: 'scheduler', host: 'brain-1', leaseSeconds: 600 };

let api: TestApi;
let store: PostgresOperationStore;
beforeAll(async () => {
  api = await startTestApi({ authenticator: new RoleAuthenticator() });
  store = new PostgresOperationStore(api.database);
  await store.heartbeat(WORKER);
  for (const project of ['p', 'q', 'paged']) await unlimited(api.database, project);
});
afterAll(() => api.close());

const send = (method: string, path: string, token = MEMBER, headers: Record<string, string> = {}) =>
  api.as(token).send<Answer>(method, path, undefined, { headers });

/** A create that has been asked for over HTTP; answers its operation. */
async function created(token = MEMBER): Promise<{ id: string; volume: string }> {
  const { body } = await api.as(token).post<Answer>('/v3/volumes', { volume: { size: 1 } });
  const list = await send('GET', `${PATH}?resource_id=${body.volume.id}`, token);
  return { id: list.body.operations[0]!.id, volume: body.volume.id };
}

async function claim(id: string): Promise<OperationRecord> {
  const { queue } = api.rung.find(({ operationId }) => operationId === id)!;
  const definitions = ['volume.create/1', 'volume.extend/1', 'volume.delete/1'];
  const [record] = await store.claim({
    worker: WORKER,
    queue,
    limit: 1,
    definitions,
    running: [],
    slots: 1,
    share: 1,
    ids: [id],
  });
  return record!;
}

const fail = (record: OperationRecord) =>
  store.transition(record, WORKER, {
    to: 'end',
    state: 'failed',
    data: {},
    error: { message: 'No room.', cause: 'ENOSPC on /dev/sdb' },
  });

describe('GET /scoria/v1/operations/{id}', () => {
  it('tells a tenant the step, the reason and the story, and nothing of the inside of the cloud', async () => {
    const { id, volume } = await created();
    const record = await claim(id);
    await store.transition(record, WORKER, {
      to: 'retry',
      delayMs: 60_000,
      counts: true,
      error: { message: 'Storage is busy.', cause: 'pool brain-1 is away' },
    });
    const { status, body, text } = await send('GET', `${PATH}/${id}`);
    expect(status).toBe(200);
    expect(body.operation).toEqual({
      id,
      kind: 'volume.create',
      version: 1,
      state: 'running',
      live: true,
      resource_type: 'volume',
      resource_id: volume,
      project_id: 'p',
      user_id: 'u',
      step: 'place',
      step_number: 1,
      attempt: 1,
      progress: 0,
      cancel_requested: false,
      reason: 'Storage is busy.',
      request_id: expect.stringMatching(/^req-/),
      trace_id: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      updated_at: expect.any(String),
      finished_at: null,
      due_at: expect.any(String),
      deadline: expect.any(String),
      generation: 1,
      links: [{ rel: 'self', href: `${api.url}${PATH}/${id}` }],
      history: [
        {
          at: expect.any(String),
          since: expect.any(String),
          step: 'place',
          phase: 'run',
          attempt: 0,
          generation: 1,
          outcome: 'failed',
          reason: 'Storage is busy.',
        },
      ],
    });
    expect(text).not.toContain('brain-1');
  });

  it('tells an administrator who has it, where it waits, and the cause', async () => {
    const { id } = await created();
    await claim(id);
    const { operation } = (await send('GET', `${PATH}/${id}`, ADMIN)).body;
    expect(operation).toMatchObject({
      queue: 'scheduler',
      backend: null,
      cause: null,
      owner: { worker: WORKER.id, service: 'scheduler', host: 'brain-1', alive: true },
    });
    await api.database.query('update workers set lease_until = now()');
    const late = (await send('GET', `${PATH}/${id}`, ADMIN)).body.operation;
    expect(late['owner']).toMatchObject({ host: 'brain-1', alive: false });
    await api.database.query('delete from workers');
    const gone = (await send('GET', `${PATH}/${id}`, ADMIN)).body.operation;
    expect(gone['owner']).toMatchObject({ host: 'brain-1', lease_until: null, alive: false });
    await store.heartbeat(WORKER);
  });

  it('does not know what belongs to another project, nor what is no id', async () => {
    const { id } = await created();
    const foreign = 'v:q:reader,member';
    for (const path of [`${PATH}/${id}`, `${PATH}/${randomUUID()}`, `${PATH}/no-id`])
      expect((await send('GET', path, foreign)).status).toBe(404);
    for (const verb of ['cancel', 'retry']) {
      expect((await send('POST', `${PATH}/${id}/${verb}`, foreign)).status).toBe(404);
      expect((await send('POST', `${PATH}/${id}/${verb}`, 'u:p:reader')).status).toBe(403);
    }
    expect((await send('GET', `${PATH}/${id}`, 'u:p:nobody')).status).toBe(403);
  });
});

describe('GET /scoria/v1/operations', () => {
  it('pages by keyset through the newest first, in one statement a page', async () => {
    const token = 'u:paged:reader,member';
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.push((await created(token)).id);
    const seen: string[] = [];
    let path: string | undefined = `${PATH}?limit=2&state=running`;
    while (path !== undefined) {
      let page: Answer | undefined;
      const at: string = path;
      const statements = await statementsOf(api.database, async () => {
        page = (await send('GET', at, token)).body;
      });
      expect(statements).toHaveLength(1);
      seen.push(...page!.operations.map(({ id }) => id));
      const next = page!.operations_links?.[0]!.href;
      expect(next?.startsWith(`${api.url}${PATH}?`) ?? true).toBe(true);
      path = next?.slice(api.url.length);
    }
    expect(seen).toEqual(made.toReversed());
    const oldest = await send('GET', `${PATH}?limit=1&sort=created_at:asc`, token);
    expect(oldest.body.operations[0]!.id).toBe(made[0]);
    expect(oldest.body.operations[0]).not.toHaveProperty('history');
    const foreign = await send('GET', `${PATH}?marker=${made[0]}`, 'v:q:reader');
    expect(foreign.status).toBe(404);
  });

  it('shows a tenant its own, and an administrator everybody’s only when asked', async () => {
    const [mine, others] = [await created(), await created('v:q:reader,member')];
    const ids = async (query: string, token: string) =>
      (await send('GET', `${PATH}${query}`, token)).body.operations.map(({ id }) => id);
    expect(await ids('', MEMBER)).toContain(mine.id);
    expect(await ids('', MEMBER)).not.toContain(others.id);
    expect(await ids('', ADMIN)).toEqual([]);
    const all = await ids('?all_projects=true', ADMIN);
    expect(all).toEqual(expect.arrayContaining([mine.id, others.id]));
    const ofQ = await ids('?all_projects=true&project_id=q', ADMIN);
    expect(ofQ).toContain(others.id);
    expect(ofQ).not.toContain(mine.id);
    expect((await send('GET', `${PATH}?all_projects=true`)).status).toBe(403);
  });

  it('filters by what it shows, and refuses what it does not know', async () => {
    const { id, volume } = await created();
    await fail(await claim(id));
    const find = async (query: string) =>
      (await send('GET', `${PATH}?${query}`)).body.operations.some((operation) => operation.id === id);
    const { request_id: request } = (await send('GET', `${PATH}/${id}`)).body.operation;
    for (const query of [
      'live=false',
      'state=failed',
      'state=succeeded&state=failed',
      'kind=volume.create',
      'resource_type=volume',
      `resource_id=${volume}`,
      `request_id=${String(request)}`,
    ])
      expect([query, await find(query)]).toEqual([query, true]);
    for (const query of ['live=true', 'state=running', 'kind=volume.delete', 'resource_id=x'])
      expect([query, await find(query)]).toEqual([query, false]);
    for (const query of [
      'live=perhaps',
      'colour=red',
      'backend=h@b',
      'project_id=q',
      'sort=kind',
      'limit=-1',
    ]) {
      const answer = await send('GET', `${PATH}?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
    }
  });
});

describe('POST /scoria/v1/operations/{id}/cancel', () => {
  it('asks a create to stop, rings for it, and may be asked again', async () => {
    const { id } = await created();
    const bells = api.rung.length;
    const first = await send('POST', `${PATH}/${id}/cancel`);
    expect([first.status, first.body.operation]).toMatchObject([202, { id, cancel_requested: true }]);
    expect(api.rung.slice(bells)).toEqual([{ operationId: id, queue: 'scheduler', step: 0 }]);
    expect((await send('POST', `${PATH}/${id}/cancel`)).status).toBe(202);
  });

  it('answers a repetition with the same key as before', async () => {
    const { id } = await created();
    const key = { 'idempotency-key': randomUUID() };
    await send('POST', `${PATH}/${id}/cancel`, MEMBER, key);
    const again = await send('POST', `${PATH}/${id}/cancel`, MEMBER, key);
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true']);
  });

  it('refuses what has ended, what is undone already and what only goes forward, and says so', async () => {
    const ended = await created();
    await fail(await claim(ended.id));
    const undone = await created();
    await store.transition(await claim(undone.id), WORKER, {
      to: 'undo',
      step: 0,
      stepName: 'place',
      queue: 'scheduler',
      resumeStep: null,
      data: {},
      error: { message: 'No.' },
      keep: false,
    });
    const volume = await seedVolume(api.database);
    await api.as(MEMBER).delete(`/v3/volumes/${volume}`);
    const deletion = (await send('GET', `${PATH}?resource_id=${volume}`)).body.operations[0]!;
    const refusals: [string, string][] = [
      [ended.id, 'it has ended (failed)'],
      [undone.id, 'being undone already'],
      [deletion.id, 'volume.delete only goes forward'],
    ];
    for (const [id, words] of refusals) {
      const { status, body } = await send('POST', `${PATH}/${id}/cancel`);
      expect([status, body.conflictingRequest.message]).toEqual([409, expect.stringContaining(words)]);
      expect((await send('GET', `${PATH}/${id}`)).body.operation['cancel_requested']).toBe(false);
    }
  });

  it('takes back an extend that nobody has begun, and none that has', async () => {
    const extend = async () => {
      const volume = await seedVolume(api.database);
      const action = { 'os-extend': { new_size: 2 } };
      await api.as(MEMBER).post(`/v3/volumes/${volume}/action`, action, { version: '3.42' });
      return (await send('GET', `${PATH}?resource_id=${volume}`)).body.operations[0]!.id;
    };
    const [waiting, begun] = [await extend(), await extend()];
    await claim(begun);
    expect((await send('POST', `${PATH}/${waiting}/cancel`)).status).toBe(202);
    const refused = await send('POST', `${PATH}/${begun}/cancel`);
    expect(refused.status).toBe(409);
    expect(refused.body.conflictingRequest.message).toContain('only goes forward once it has begun');
  });
});

describe('POST /scoria/v1/operations/{id}/retry', () => {
  it('makes what backs off due at once', async () => {
    const { id } = await created();
    const error = { message: 'Storage is busy.' };
    await store.transition(await claim(id), WORKER, { to: 'retry', delayMs: 3_600_000, counts: true, error });
    const bells = api.rung.length;
    const { status, body } = await send('POST', `${PATH}/${id}/retry`);
    expect(status).toBe(202);
    expect(Date.parse(String(body.operation['due_at']))).toBeLessThanOrEqual(Date.now());
    expect(api.rung.slice(bells)).toHaveLength(1);
    expect(await claim(id)).toMatchObject({ attempt: 1 });
    expect((await send('POST', `${PATH}/${id}/retry`)).status).toBe(202);
  });

  it('of what has ended names the request to make instead', async () => {
    const { id } = await created();
    await fail(await claim(id));
    const { status, body } = await send('POST', `${PATH}/${id}/retry`);
    expect(status).toBe(409);
    expect(body.conflictingRequest.message).toContain('Ask anew: POST /v3/{project_id}/volumes');
  });
});

describe('POST /scoria/v1/operations/{id}/abandon', () => {
  const abandon = (id: string, body?: object, token = ADMIN) =>
    api.as(token).send<Answer>('POST', `${PATH}/${id}/abandon`, body);
  const deletion = async () => {
    const volume = await seedVolume(api.database);
    await api.as(MEMBER).delete(`/v3/volumes/${volume}`);
    const { id } = (await send('GET', `${PATH}?resource_id=${volume}`)).body.operations[0]!;
    return { volume, id };
  };
  const statusOf = async (volume: string) =>
    (await api.as(MEMBER).get(`/v3/volumes/${volume}`)).body.volume?.status;

  it('is the administrators’, and says who did it and why; the tenant deletes anew', async () => {
    const { volume, id } = await deletion();
    expect((await abandon(id, {}, MEMBER)).status).toBe(403);
    const { status, body } = await abandon(id, { reason: 'the board burnt' });
    expect([status, body.operation]).toMatchObject([
      200,
      { state: 'failed', cause: expect.stringMatching(/^abandoned by a \(req-.+\), .+: the board burnt$/) },
    ]);
    expect(await statusOf(volume)).toBe('error_deleting');
    const told = await send('GET', `${PATH}/${id}`);
    expect(told.text).not.toContain('burnt');
    expect((await api.as(MEMBER).delete(`/v3/volumes/${volume}`)).status).toBe(202);
  });

  it('forgets what was to be deleted, when asked to', async () => {
    const { volume, id } = await deletion();
    const { status, body } = await abandon(id, { forget: true });
    expect([status, body.operation['state']]).toEqual([200, 'succeeded']);
    expect((await api.as(MEMBER).get(`/v3/volumes/${volume}`)).status).toBe(404);
  });

  it('is 409 while the backend reports or when it has ended, and 400 with what it does not know', async () => {
    const { id } = await deletion();
    const service = { binary: 'cinder-volume', host: BACKEND, availabilityZone: 'nova' } as const;
    await reportService(api.database, service);
    expect((await abandon(id)).status).toBe(409);
    await api.database.query(`delete from services where host = $1`, [BACKEND]);
    expect((await abandon(id, { force: true })).status).toBe(400);
    expect((await abandon(id)).status).toBe(200);
    const { status, body } = await abandon(id);
    expect([status, body.conflictingRequest.message]).toEqual([409, expect.stringContaining('it has ended')]);
  });
});
