import { waitFor } from './wait-for.js';

describe('waiting for a condition', () => {
  it('returns the value that ended the wait', async () => {
    let calls = 0;
    expect(await waitFor(() => (++calls < 3 ? undefined : { calls }))).toEqual({ calls: 3 });
  });

  it('takes zero and the empty string for values', async () => {
    expect(await waitFor(() => 0)).toBe(0);
    expect(await waitFor(() => '')).toBe('');
  });

  it('says what it waited for and what it saw last', async () => {
    const waiting = waitFor(() => ({ status: 'creating' }), {
      until: ({ status }) => status === 'available',
      timeoutMs: 20,
      describe: 'the volume to be available',
    });
    await expect(waiting).rejects.toThrow(
      "waited 20 ms for the volume to be available: the last value was { status: 'creating' }",
    );
  });

  it('goes on after an exception, and names it in the end', async () => {
    let calls = 0;
    const flaky = () => {
      if (++calls === 1) throw new Error('refused');
      return 'up';
    };
    expect(await waitFor(flaky)).toBe('up');
    const down = waitFor(() => Promise.reject(new Error('refused')), { timeoutMs: 10 });
    await expect(down).rejects.toThrow('it last threw Error: refused');
  });
});
