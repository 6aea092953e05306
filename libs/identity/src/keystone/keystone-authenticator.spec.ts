import {
  freePort,
  hasKeystone,
  type KeystoneUser,
  removeTempDirs,
  startKeystone,
  tempDir,
  type TestKeystone,
  waitFor,
} from '@scoria/testing';
import { KeystoneAuthenticator } from './keystone-authenticator.js';
import { KeystoneProxy } from './keystone-proxy.spec-helper.js';

(hasKeystone() ? describe : describe.skip)('tokens checked by a real Keystone', () => {
  const dir = tempDir('keystone');
  let port: number;
  let keystone: TestKeystone;
  let proxy: KeystoneProxy;
  let authenticator: KeystoneAuthenticator;
  let projectId: string;
  const users: Record<string, KeystoneUser> = {};

  const login = (name: string): Promise<string> => keystone.admin.login(users[name]!, { project: 'demo' });

  function makeAuthenticator(
    overrides: { password?: string; cacheSeconds?: number; staleSeconds?: number } = {},
  ): KeystoneAuthenticator {
    return new KeystoneAuthenticator({
      url: proxy.url,
      username: 'scoria',
      password: 'scoria-password',
      projectName: 'service',
      userDomainName: 'Default',
      projectDomainName: 'Default',
      cacheSeconds: 300,
      cacheSize: 100,
      serviceTokenRoles: ['service'],
      ...overrides,
    });
  }

  beforeAll(async () => {
    port = await freePort();
    keystone = await startKeystone({ dir, port });
    const { admin } = keystone;
    const services = await admin.createProject('service');
    projectId = await admin.createProject('demo');
    for (const role of ['reader', 'member', 'admin']) {
      users[role] = await admin.createUser(`demo-${role}`, `${role}-password`);
      await admin.grant(users[role].id, projectId, role);
    }
    await admin.grantOnDomain(users['admin']!.id, 'admin');
    const own = await admin.createUser('scoria', 'scoria-password');
    await admin.grant(own.id, services, 'admin');
    users['nova'] = await admin.createUser('nova', 'nova-password');
    await admin.grant(users['nova'].id, services, 'service');
    await admin.registerService('block-storage', 'scoria', 'http://127.0.0.1:8776/v3');
  }, 120_000);

  beforeEach(async () => {
    proxy = await KeystoneProxy.start(keystone.url);
    authenticator = makeAuthenticator();
  });

  afterEach(async () => {
    await authenticator.close();
    proxy.stop();
  });

  afterAll(async () => {
    await keystone.stop();
    removeTempDirs();
  });

  it('tells who calls, in which project and with which roles', async () => {
    const { context, expiresAt } = await authenticator.authenticate({ authToken: await login('member') });
    expect(context).toEqual({
      userId: users['member']!.id,
      projectId,
      isAdmin: false,
      roles: expect.arrayContaining(['member', 'reader']),
    });
    expect(expiresAt!.getTime()).toBeGreaterThan(Date.now());
  });

  it('makes an administrator of who has the role, and of nobody else', async () => {
    const isAdmin = async (name: string): Promise<boolean> =>
      (await authenticator.authenticate({ authToken: await login(name) })).context.isAdmin;
    expect([await isAdmin('reader'), await isAdmin('member'), await isAdmin('admin')]).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("does not make an administrator of everything out of a domain's", async () => {
    const authToken = await keystone.admin.login(users['admin']!, { domain: 'Default' });
    await expect(authenticator.authenticate({ authToken })).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it.each([
    ['no token', undefined],
    ['a token nobody issued', 'gAAAAABnonsense'],
    ['a token that would break out of its header', 'a\r\nX-Service-Token: b'],
    ['a token longer than any', 'a'.repeat(10_000)],
  ])('refuses %s', async (_, authToken) => {
    const headers = authToken === undefined ? {} : { authToken };
    await expect(authenticator.authenticate(headers)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('asks once for a token that many requests carry at the same time, and not again while it is fresh', async () => {
    const authToken = await login('member');
    await Promise.all(Array.from({ length: 50 }, () => authenticator.authenticate({ authToken })));
    await authenticator.authenticate({ authToken });
    expect({ checks: proxy.checks, logins: proxy.logins }).toEqual({ checks: 1, logins: 1 });
  });

  it('does not let a flood of one bad token through to Keystone', async () => {
    for (let i = 0; i < 5; i++) {
      await expect(authenticator.authenticate({ authToken: 'bad' })).rejects.toMatchObject({
        kind: 'unauthorized',
      });
    }
    expect(proxy.checks).toBe(1);
  });

  it('takes a revoked token no longer than the cache says', async () => {
    const unbuffered = makeAuthenticator({ cacheSeconds: 0 });
    const authToken = await login('member');
    await unbuffered.authenticate({ authToken });
    await keystone.admin.revoke(authToken);
    await expect(unbuffered.authenticate({ authToken })).rejects.toMatchObject({ kind: 'unauthorized' });
    await unbuffered.close();
  });

  it('logs in again when its own token was revoked', async () => {
    await keystone.admin.revoke(await authenticator.session.token());
    const { context } = await authenticator.authenticate({ authToken: await login('reader') });
    expect(context.userId).toBe(users['reader']!.id);
    expect(proxy.logins).toBe(2);
  });

  it.each(['answers 503', 'drops connections'] as const)(
    'does not call a good token bad while Keystone %s',
    async (outage) => {
      const authToken = await login('member');
      await authenticator.session.token();
      proxy.outage = outage;
      await expect(authenticator.authenticate({ authToken })).rejects.toMatchObject({
        kind: 'unavailable',
        retryAfter: expect.any(Number),
      });
      proxy.outage = 'none';
      await expect(authenticator.authenticate({ authToken })).resolves.toBeDefined();
    },
  );

  it('does not call a good token bad when its own password is wrong', async () => {
    const misconfigured = makeAuthenticator({ password: 'wrong' });
    const failure = await misconfigured
      .authenticate({ authToken: await login('member') })
      .catch((error) => error);
    expect(failure).toMatchObject({ kind: 'unavailable' });
    expect(String(failure.cause.cause ?? failure.cause)).not.toContain('wrong');
    await misconfigured.close();
  });

  it('lets reads, and only reads, go on with a token checked before while Keystone is away', async () => {
    const patient = makeAuthenticator({ cacheSeconds: 0, staleSeconds: 60 });
    const authToken = await login('member');
    await patient.authenticate({ authToken });
    proxy.outage = 'answers 503';
    await expect(patient.authenticate({ authToken }, { readOnly: true })).resolves.toMatchObject({
      context: { projectId },
    });
    await expect(patient.authenticate({ authToken })).rejects.toMatchObject({ kind: 'unavailable' });
    await patient.close();
  });

  it('knows a service by the role of its token, not by its having one', async () => {
    const isService = async (serviceToken: string): Promise<boolean | undefined> =>
      (await authenticator.authenticate({ authToken: await login('member'), serviceToken })).context
        .isService;
    expect(await isService(await keystone.admin.login(users['nova']!, { project: 'service' }))).toBe(true);
    expect(await isService(await login('reader'))).toBeUndefined();
  });

  it('refuses a request whose service token is bad', async () => {
    const headers = { authToken: await login('member'), serviceToken: 'bad' };
    await expect(authenticator.authenticate(headers)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  it('offers the catalogue that its own user sees', async () => {
    expect(await authenticator.session.catalog()).toContainEqual(
      expect.objectContaining({ type: 'block-storage', name: 'scoria' }),
    );
  });

  describe('with tokens that live for seconds', () => {
    beforeAll(async () => {
      await keystone.stop();
      keystone = await startKeystone({ dir, port, tokenSeconds: 6 });
    }, 60_000);

    it('replaces its own token before that expires, and lets a service finish what an expired user began', async () => {
      const unbuffered = makeAuthenticator({ cacheSeconds: 0 });
      const authToken = await login('member');
      const first = await unbuffered.session.token();
      await waitFor(
        () =>
          unbuffered.authenticate({ authToken }).then(
            () => false,
            (error) => error,
          ),
        {
          until: (failure) => failure && failure.kind === 'unauthorized',
          describe: 'the token to expire',
        },
      );
      expect(await unbuffered.session.token()).not.toBe(first);
      const serviceToken = await keystone.admin.login(users['nova']!, { project: 'service' });
      await expect(unbuffered.authenticate({ authToken, serviceToken })).resolves.toMatchObject({
        context: { projectId, isService: true },
      });
      await unbuffered.close();
    });
  });
});
