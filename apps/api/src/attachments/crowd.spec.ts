import { randomUUID } from 'node:crypto';
import { waitFor } from '@scoria/testing';
import { seedVolume, unlimited } from '../testing/seed.js';
import { SECRETS_KEY, StorageStandIn } from '../testing/storage-stand-in.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Answer {
  attachment: { id: string };
}

const version = '3.71';
let api: TestApi;
let storage: StorageStandIn;
beforeAll(async () => {
  api = await startTestApi({
    config: { secrets: { key: SECRETS_KEY } },
    ring: (due) => storage.ring(due),
  });
  storage = new StorageStandIn(api.database);
  await unlimited(api.database);
});
afterAll(() => api.close());

const send = (method: string, path: string, body?: unknown) =>
  api.as('u:p').send<Answer>(method, `/v3${path}`, body, { version });

describe('many clients of one volume', () => {
  it('attach, look, complete and detach at once without an error of ours, and leave nothing', async () => {
    const volume = await seedVolume(api.database);
    await api.database.query('update volumes set multiattach = true where id = $1', [volume]);
    const first = await send('POST', '/attachments', { attachment: { volume_uuid: volume } });
    await send('POST', `/attachments/${first.body.attachment.id}/action`, { 'os-complete': {} });
    const statuses = new Set<number>();
    const note = <T extends { status: number }>(answer: T): T => {
      statuses.add(answer.status);
      return answer;
    };
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const connector = { initiator: `iqn.1993-08.org.debian:01:${index}`, host: `compute${index}` };
        const wish = { volume_uuid: volume, instance_uuid: randomUUID(), connector };
        const { body } = note(await send('POST', '/attachments', { attachment: wish }));
        const path = `/attachments/${body.attachment.id}`;
        note(await send('POST', `${path}/action`, { 'os-complete': {} }));
        const action = { 'os-initialize_connection': { connector } };
        note(await send('POST', `/volumes/${volume}/action`, action));
        await Promise.all([
          send('GET', path).then(note),
          send('POST', `/volumes/${volume}/action`, { 'os-terminate_connection': { connector } }).then(note),
          send('DELETE', path).then(note),
        ]);
      }),
    );
    expect([...statuses].filter((status) => status >= 500)).toEqual([]);
    const left = await send('DELETE', `/attachments/${first.body.attachment.id}`);
    expect(left.body).toEqual({ attachments: [] });
    const rows = await api.database.query('select from attachments where volume_id = $1', [volume]);
    expect(rows).toEqual([]);
    const { body } = await api.as('u:p').get(`/v3/volumes/${volume}`);
    expect(body.volume.status).toBe('available');
  });

  it('that go away wait for no storage host any more', async () => {
    const volume = await seedVolume(api.database);
    const connector = { initiator: 'iqn.1993-08.org.debian:01:impatient', host: 'compute' };
    const body = { attachment: { volume_uuid: volume, instance_uuid: randomUUID(), connector } };
    storage.paused = true;
    const gone = new AbortController();
    const answer = fetch(`${api.url}/v3/attachments`, {
      method: 'POST',
      headers: {
        'x-auth-token': 'u:p',
        'content-type': 'application/json',
        'openstack-api-version': 'volume 3.71',
      },
      body: JSON.stringify(body),
      signal: gone.signal,
    });
    await waitFor(() => api.waiter.waitingNow === 1);
    gone.abort();
    await expect(answer).rejects.toThrow();
    await waitFor(() => api.waiter.waitingNow === 0, { timeoutMs: 15_000 });
    await storage.resume();
    const { body: left } = await send('GET', `/volumes/${volume}`);
    expect(left).toMatchObject({ volume: { attachments: [], status: 'attaching' } });
  });

  it('cannot delete a volume while somebody reserves it: one of the two wins', async () => {
    for (let round = 0; round < 10; round++) {
      const volume = await seedVolume(api.database);
      const [reserved, deleted] = await Promise.all([
        send('POST', '/attachments', { attachment: { volume_uuid: volume } }),
        send('DELETE', `/volumes/${volume}`),
      ]);
      expect([reserved.status === 200, deleted.status === 202].filter(Boolean)).toHaveLength(1);
    }
  });
});
