import { Fault } from '@scoria/domain';
import { TokenCache } from './token-cache.js';
import type { TokenDocument } from './token-document.js';

const START = Date.parse('2026-01-01T00:00:00Z');

describe('the memory of checked tokens', () => {
  /** Milliseconds since 1970, as the machine believes; and those that have passed. */
  let clock: number;
  let passed: number;
  let asked: number;
  let cache: TokenCache;

  const document = (livesSeconds: number): TokenDocument => ({
    userId: 'user',
    projectId: 'project',
    roles: [],
    isAdminProject: true,
    expiresAt: new Date(START + livesSeconds * 1000),
  });
  const get = (token: string, answer: () => Promise<TokenDocument>, stale = false): Promise<TokenDocument> =>
    cache.get(token, '', stale, () => {
      asked++;
      return answer();
    });
  const at = (seconds: number): void => {
    clock = START + seconds * 1000;
    passed = 1 + seconds * 1000; // Of something kept at 0, lru-cache says that it has no beginning.
  };
  const good = (): Promise<TokenDocument> => Promise.resolve(document(400));
  const away = (): Promise<never> => Promise.reject(new Fault('unavailable', 'away'));

  beforeEach(() => {
    at(0);
    asked = 0;
    const options = { cacheSeconds: 300, cacheSize: 3, refusedSeconds: 10, staleSeconds: 600 };
    cache = new TokenCache(options, { wall: () => clock, monotonic: () => passed });
  });

  it('does not keep a token beyond its expiry, however long it would be trusted', async () => {
    const short = (): Promise<TokenDocument> => Promise.resolve(document(20));
    await get('token', short);
    at(19);
    await get('token', short);
    expect(asked).toBe(1);
    at(21);
    await get('token', short);
    expect(asked).toBe(2);
  });

  it('never serves an expired token stale, even to reads while Keystone is away', async () => {
    await get('token', () => Promise.resolve(document(400)));
    at(350);
    await expect(get('token', away, true)).resolves.toBeDefined();
    at(401);
    await expect(get('token', away, true)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('asks again once the time is over, whichever way the clock of the machine has jumped meanwhile', async () => {
    const day = 86_400_000;
    const long = (): Promise<TokenDocument> => Promise.resolve(document(3 * 86_400));
    const refuse = (): Promise<never> => Promise.reject(new Fault('unauthorized', 'revoked'));
    clock += day;
    await get('token', long);
    await expect(get('bad', refuse)).rejects.toMatchObject({ kind: 'unauthorized' });
    clock -= day;
    passed += 301_000;
    await expect(get('token', refuse)).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(get('bad', long)).resolves.toBeDefined();
  });

  it('believes a clock that was put right that a token has expired', async () => {
    clock -= 86_400_000;
    await get('token', good);
    clock += 86_400_000 + 401_000;
    await expect(get('token', away, true)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked).toBe(2);
  });

  it('asks again about a refused token once the short time is over', async () => {
    const refuse = (): Promise<never> => Promise.reject(new Fault('unauthorized', 'no'));
    await expect(get('token', refuse)).rejects.toMatchObject({ kind: 'unauthorized' });
    at(9);
    await expect(get('token', refuse)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(asked).toBe(1);
    at(11);
    await get('token', () => Promise.resolve(document(400)));
    expect(asked).toBe(2);
  });

  it('does not take an outage for a refusal', async () => {
    await expect(get('token', away)).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(get('token', () => Promise.resolve(document(400)))).resolves.toBeDefined();
  });

  it('forgets the oldest token rather than grow', async () => {
    for (const token of ['a', 'b', 'c', 'd']) await get(token, good);
    await get('d', good);
    expect(asked).toBe(4);
    await get('a', good);
    expect(asked).toBe(5);
  });

  it('keeps no token in memory, only its hash', async () => {
    await get('very-secret-token', () => Promise.resolve(document(400)));
    const kept = (cache as unknown as { checked: { keys(): Iterable<string> } }).checked.keys();
    expect([...kept].join()).not.toContain('very-secret-token');
  });

  it('refuses more than a thousand tokens that wait for a slow Keystone', async () => {
    const slow = Promise.withResolvers<TokenDocument>();
    const waiting = Array.from({ length: 1000 }, (_, i) => get(`token-${i}`, () => slow.promise));
    await expect(get('one-more', () => slow.promise)).rejects.toMatchObject({
      kind: 'unavailable',
      retryAfter: 1,
    });
    slow.resolve(document(400));
    await expect(Promise.all(waiting)).resolves.toHaveLength(1000);
  });
});
