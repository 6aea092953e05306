import { atMoment, limitsOf, millisecondsUntil, retryDelay } from './options.js';

describe('the options of the bus', () => {
  it.each([
    ['prefetch', 0],
    ['deliveryLimit', -1],
    ['maxQueueLength', Number.NaN],
    ['retryDelayMs', 1.5],
  ])('refuse a bound that bounds nothing: %s = %d', (name, value) => {
    expect(() => limitsOf({ [name]: value })).toThrow(RangeError);
  });

  it('keep the pause before a retry bounded, however often it failed', () => {
    const limits = limitsOf({});
    expect([1, 2, 3, 10, 10_000].map((delivery) => retryDelay(limits, delivery))).toEqual([
      100, 200, 400, 5_000, 5_000,
    ]);
  });

  it('do not turn a moment years ahead into a timer that fires at once', () => {
    expect(millisecondsUntil(Date.now() + 1e12)).toBe(2 ** 31 - 1);
    expect(millisecondsUntil(0)).toBe(0);
  });

  it('let nobody give up before the moment that was told, be it by a part of a millisecond', async () => {
    for (let times = 0; times < 300; times++) {
      const moment = Date.now() + 2;
      const came = await new Promise<number>((resolve) => atMoment(moment, () => resolve(Date.now())));
      expect(came).toBeGreaterThanOrEqual(moment);
    }
  });
});
