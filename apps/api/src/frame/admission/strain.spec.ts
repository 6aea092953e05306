import { waitFor } from '@scoria/testing';
import { Strain } from './strain.js';

const LIMITS = { maxEventLoopDelayMs: 100, maxDatabaseWaitMs: 1000 };

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('strain', () => {
  it('is seen when the event loop keeps being late, and passes', async () => {
    using strain = new Strain({ waitedMs: 0 }, LIMITS);
    await waitFor(() => {
      block(300);
      return strain.reason === 'event_loop';
    });
    await waitFor(() => strain.reason === undefined);
  });

  it('is seen when statements wait long for connections', () => {
    const connections = { waitedMs: 1000 };
    using strain = new Strain(connections, LIMITS);
    expect(strain.reason).toBeUndefined();
    connections.waitedMs = 1001;
    expect(strain.reason).toBe('database');
  });
});
