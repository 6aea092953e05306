import type { Tx } from '@scoria/store';
import { unlimited } from '../testing/seed.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  for (const project of ['p', 'q']) await unlimited(api.database, project);
});
afterAll(() => api.close());

const create = (key: string, volume: object = { size: 1 }, token = 'u:p', version = '3.0') =>
  api.as(token).post('/v3/volumes', { volume }, { version, headers: { 'idempotency-key': key } });

async function volumes(project: string): Promise<number> {
  const [row] = await api.database.query<{ n: number }>(
    'select count(*)::int as n from volumes where project_id = $1',
    [project],
  );
  return row!.n;
}

describe('an idempotency key', () => {
  it('makes a repeated request happen once and answers it the same', async () => {
    const first = await create('a');
    const again = await create('a');
    expect(again.text).toBe(first.text);
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await volumes('p')).toBe(1);
  });

  it('holds when twenty come at once', async () => {
    const before = await volumes('p');
    const replies = await Promise.all(Array.from({ length: 20 }, () => create('crowd')));
    const done = replies.filter(({ status }) => status === 202);
    expect(new Set(done.map(({ text }) => text)).size).toBe(1);
    expect(replies.filter(({ status }) => status !== 202 && status !== 409)).toEqual([]);
    expect(await volumes('p')).toBe(before + 1);
  });

  it('is refused for another body, route or microversion', async () => {
    await create('b');
    expect((await create('b', { size: 2 })).status).toBe(422);
    expect((await create('b', { size: 1 }, 'u:p', '3.1')).status).toBe(422);
    const elsewhere = await api
      .as('u:p')
      .delete('/v3/volumes/00000000-0000-4000-8000-000000000000', { headers: { 'idempotency-key': 'b' } });
    expect(elsewhere.status).toBe(422);
  });

  it('belongs to a project', async () => {
    const [mine, theirs] = [await create('c'), await create('c', { size: 1 }, 'u:q')];
    expect(theirs.status).toBe(202);
    expect(theirs.body.volume.id).not.toBe(mine.body.volume.id);
  });

  it('is not used up by a request that failed', async () => {
    expect((await create('d', { size: 1, volume_type: 'later' })).status).toBe(404);
    await api.database.query(`insert into volume_types (name) values ('later')`);
    expect((await create('d', { size: 1, volume_type: 'later' })).status).toBe(202);
  });

  it('answers 409 while the first request is still running', async () => {
    const held = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const other = api.database.transaction(async (tx: Tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 7))', ['p slow']);
      taken.resolve();
      await held.promise;
    });
    await taken.promise;
    const { status, body, headers } = await create('slow');
    held.resolve();
    await other;
    expect([status, body.conflictingRequest.code, headers.get('retry-after')]).toEqual([409, 409, '1']);
    expect((await create('slow')).status).toBe(202);
  });

  it('keeps empty answers too', async () => {
    const { body } = await create('e');
    await api.database
      .query(`begin; update volumes set status='error', operation_id=null where id='${body.volume.id}';
      update operations set state='failed' where resource_id='${body.volume.id}'; commit`);
    const remove = () =>
      api.as('u:p').delete(`/v3/volumes/${body.volume.id}`, { headers: { 'idempotency-key': 'f' } });
    expect((await remove()).status).toBe(202);
    const again = await remove();
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([202, '', 'true']);
  });

  it('is forgotten after a day', async () => {
    const first = await create('g');
    await api.database.query(
      `update idempotency_keys set created_at = now() - interval '25 hours' where key = 'g'`,
    );
    const second = await create('g', { size: 2 });
    expect([second.status, second.body.volume.id === first.body.volume.id]).toEqual([202, false]);
  });

  it.each(['', 'k'.repeat(256)])('must have 1 to 255 characters', async (key) => {
    expect((await create(key)).status).toBe(400);
  });
});
