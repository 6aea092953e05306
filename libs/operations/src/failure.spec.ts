import { Fault } from '@scoria/domain';
import { NotYet, backoff, classify, toOperationError } from './failure.js';

describe('a failed step', () => {
  it.each<[what: string, error: unknown, attemptsLeft: boolean, expected: string]>([
    ['that only has to wait', new NotYet('busy'), false, 'wait'],
    ['that is the request’s own fault', new Fault('conflict', 'no'), true, 'final'],
    ['that found the platform away', new Fault('unavailable', 'no'), true, 'transient'],
    ['that found the platform away too often', new Fault('unavailable', 'no'), false, 'elsewhere'],
    ['that nobody foresaw', new Error('?'), true, 'transient'],
    ['that nobody foresaw, too often', 'not even an error', false, 'elsewhere'],
  ])('%s is classified', (_what, error, attemptsLeft, expected) => {
    expect(classify(error, attemptsLeft)).toBe(expected);
  });

  it('tells the tenant what was meant for the tenant only', () => {
    const told = toOperationError(
      new Fault('conflict', 'No backend.', { detail: 'noBackend', cause: new Error('host7: full') }),
    );
    expect(told).toMatchObject({
      message: 'No backend.',
      detail: 'noBackend',
      cause: 'No backend.: host7: full',
    });
    const hidden = toOperationError(new Error('lvcreate on host7 failed'));
    expect(hidden.message).not.toContain('host7');
    expect(hidden.cause).toContain('host7');
  });

  it('is told in words that the database can hold, whatever a driver says', () => {
    const told = toOperationError(
      new Fault('internal', 'no\0 \ud83d', { cause: new Error('\0x\udc00'.repeat(2000)) }),
    );
    expect(told.message).toBe('no \ufffd');
    for (const text of [told.message, told.cause!])
      expect([text.includes('\0'), text.isWellFormed()]).toEqual([false, true]);
  });

  it('comes again later and later, never later than the bound, never all at once', () => {
    const bounds = { baseDelayMs: 100, maxDelayMs: 5000 };
    for (const [attempt, least, most] of [
      [0, 50, 100],
      [1, 100, 200],
      [3, 400, 800],
      [10, 2500, 5000],
      [1e9, 2500, 5000],
    ] as const) {
      const delays = Array.from({ length: 200 }, () => backoff(attempt, bounds));
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(least);
      expect(Math.max(...delays)).toBeLessThanOrEqual(most);
      expect(new Set(delays).size).toBeGreaterThan(10);
    }
  });
});
