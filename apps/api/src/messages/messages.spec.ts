import { randomUUID } from 'node:crypto';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

interface Message {
  id: string;
  [key: string]: unknown;
}

interface Answer {
  message: Message;
  messages: Message[];
  messages_links: { href: string }[];
}

let api: TestApi;
beforeAll(async () => void (api = await startTestApi({ authenticator: new RoleAuthenticator() })));
afterAll(() => api.close());

const send = (method: string, path: string, version = '3.71', token = 'u:p:reader,member') =>
  api.as(token).send<Answer>(method, `/v3${path}`, undefined, { version });

async function seed(
  project: string,
  expires = "interval '1 day'",
): Promise<{ id: string; resource: string }> {
  const resource = randomUUID();
  const [row] = await api.database.query<{ id: string }>(
    `insert into messages (project_id, request_id, resource_type, resource_uuid, action_id, detail_id, event_id,
                           user_message, expires_at)
     values ($1, 'req-1', 'VOLUME', $2, '001', '003', 'VOLUME_VOLUME_001_003', 'no room', now() + ${expires})
     returning id`,
    [project, resource],
  );
  return { id: row!.id, resource };
}

describe('/messages', () => {
  it('tells a tenant why something failed, until it deletes the message', async () => {
    const { id, resource } = await seed('p');
    const { body } = await send('GET', `/messages?resource_uuid=${resource}`);
    expect(body.messages).toEqual([
      {
        id,
        event_id: 'VOLUME_VOLUME_001_003',
        user_message: 'no room',
        message_level: 'ERROR',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        guaranteed_until: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        request_id: 'req-1',
        resource_type: 'VOLUME',
        resource_uuid: resource,
        links: [
          { rel: 'self', href: `${api.url}/v3/p/messages/${id}` },
          { rel: 'bookmark', href: `${api.url}/p/messages/${id}` },
        ],
      },
    ]);
    expect((await send('GET', `/messages/${id}`)).body.message).toEqual(body.messages[0]);
    expect((await send('DELETE', `/messages/${id}`)).status).toBe(204);
    expect((await send('DELETE', `/messages/${id}`)).status).toBe(404);
  });

  it('hides the messages of others and those that have expired', async () => {
    const foreign = await seed('q');
    const old = await seed('p', "interval '-1 second'");
    const ids = (await send('GET', '/messages')).body.messages.map(({ id }) => id);
    expect(ids).not.toContain(foreign.id);
    expect(ids).not.toContain(old.id);
    expect((await send('GET', `/messages/${foreign.id}`)).status).toBe(404);
    expect((await send('DELETE', `/messages/${foreign.id}`)).status).toBe(404);
    expect((await send('DELETE', `/messages/${old.id}`, '3.3', 'u:p:reader')).status).toBe(403);
  });

  it('is paged and filtered from 3.5, whole before, and absent before 3.3', async () => {
    await seed('many');
    await seed('many');
    const token = 'u:many:reader';
    const page = await send('GET', '/messages?limit=1', '3.5', token);
    expect([page.body.messages.length, page.body.messages_links.length]).toEqual([1, 1]);
    expect((await send('GET', '/messages?limit=1&event_id=x', '3.4', token)).body.messages).toHaveLength(2);
    expect((await send('GET', '/messages', '3.2', token)).status).toBe(404);
  });
});
