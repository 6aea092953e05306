import { Fault } from '@scoria/domain';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Call } from '../frame/call.js';
import type { ApiDeps } from '../frame/deps.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';
import { Mutations } from './mutations.js';

let api: TestApi;
let mutations: Mutations;
beforeAll(async () => {
  api = await startTestApi();
  mutations = new Mutations({ database: api.database, ring: async () => {} } as unknown as ApiDeps);
});
afterAll(() => api.close());

interface Seen {
  status?: number;
  headers: Record<string, string>;
}

/** A request with this key; `seen` gets what it is answered. */
function callWith(key: string, seen: Seen): Call {
  const reply = {
    status: (status: number) => {
      seen.status = status;
      return reply;
    },
    headers: (headers: Record<string, string>) => Object.assign(seen.headers, headers),
  };
  const request = { headers: { 'idempotency-key': key }, method: 'POST', url: '/v3/x', query: {}, body: {} };
  const context = { requestId: 'req-1', userId: 'u', projectId: 'p', isAdmin: false, roles: [] };
  return new Call({
    request: request as unknown as FastifyRequest,
    reply: reply as unknown as FastifyReply,
    context,
    minor: 0,
    linkBase: '',
    token: undefined,
    catalog: [],
  });
}

describe('an answer that depends on the end of an operation', () => {
  it('is worked out again by a replay when the first process died before it was known', async () => {
    const seen: Seen = { headers: {} };
    let worked = 0;
    const work = async () => {
      worked++;
      return { pending: { id: 'x' } };
    };
    const dying = mutations.mutate(callWith('a', seen), work, {
      after: () => Promise.reject(new Error('killed')),
    });
    await expect(dying).rejects.toThrow('killed');
    const after = async ({ id }: { id: string }) => ({ status: 200, body: { id } });
    expect(await mutations.mutate(callWith('a', seen), work, { after })).toBe('{"id":"x"}');
    expect([worked, seen.status, seen.headers['idempotency-replayed']]).toEqual([1, 200, 'true']);
  });

  it('is kept once it is known', async () => {
    const seen: Seen = { headers: {} };
    const work = async () => ({ pending: { n: 1 } });
    await mutations.mutate(callWith('b', seen), work, {
      after: async () => ({ status: 201, body: 'first' }),
    });
    const again = mutations.mutate(callWith('b', seen), work, {
      after: async () => ({ status: 500, body: 'second' }),
    });
    expect([await again, seen.status]).toEqual(['first', 201]);
  });

  it('may refuse and still keep what it wrote, leaving the key unused', async () => {
    const seen: Seen = { headers: {} };
    const refused = mutations.mutate(callWith('c', seen), async (tx) => {
      await tx.query(`insert into volume_types (name) values ('kept')`);
      return { fault: new Fault('conflict', 'not yet') };
    });
    await expect(refused).rejects.toThrow('not yet');
    expect(await api.database.query(`select from volume_types where name = 'kept'`)).toHaveLength(1);
    expect(await mutations.mutate(callWith('c', seen), async () => ({ body: 'now' }))).toBe('now');
  });
});
