import { NoauthAuthenticator, noauthLoginHeaders } from './noauth-authenticator.js';

describe('noauth', () => {
  const authenticator = new NoauthAuthenticator();

  it('takes user:project as an administrator in that project', async () => {
    expect(await authenticator.authenticate({ authToken: 'demo:4f1c' })).toEqual({
      context: { userId: 'demo', projectId: '4f1c', isAdmin: true, roles: ['admin', 'member', 'reader'] },
    });
  });

  it.each([
    undefined,
    '',
    'demo',
    ':',
    'demo:',
    ':project',
    'a:b:c',
    'demo:../other',
    'demo:pro ject',
    `demo:${'p'.repeat(256)}`,
  ])('refuses %j', async (authToken) => {
    const headers = authToken === undefined ? {} : { authToken };
    await expect(authenticator.authenticate(headers)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('answers a login with a token it would take itself, whatever was asked', async () => {
    const base = 'http://127.0.0.1:8776/v3/';
    expect(noauthLoginHeaders(base, { user: 'demo', project: '4f1c' })).toEqual({
      'X-Auth-Token': 'demo:4f1c',
      'X-Server-Management-Url': 'http://127.0.0.1:8776/v3/4f1c',
    });
    const hostile = noauthLoginHeaders(base, { user: 'a:b\r\nX-Evil: 1', project: '/../' });
    expect(hostile['X-Auth-Token']).toBe('admin:admin');
    await expect(authenticator.authenticate({ authToken: hostile['X-Auth-Token'] })).resolves.toBeDefined();
  });
});
