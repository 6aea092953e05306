import { TokenBuckets } from './token-buckets.js';

describe('the rate of a project', () => {
  let now = 0;
  const buckets = () => new TokenBuckets({ requestsPerSecond: 2, burst: 3 }, () => now);

  it('allows a burst, then as many as time brings', () => {
    const of = buckets();
    expect([1, 2, 3, 4].map(() => of.take('p'))).toEqual([0, 0, 0, 0.5]);
    now += 500;
    expect([of.take('p'), of.take('p')]).toEqual([0, 0.5]);
    expect(of.take('other')).toBe(0);
  });

  it('is not saved up beyond the burst', () => {
    const of = buckets();
    of.take('p');
    now += 3_600_000;
    expect([1, 2, 3, 4].map(() => of.take('p') > 0)).toEqual([false, false, false, true]);
  });

  it('takes no memory for each project that ever came', () => {
    const of = buckets();
    for (let project = 0; project < 100_000; project++) of.take(`project ${project}`);
    expect(of.size).toBeLessThanOrEqual(10_000);
  });
});
