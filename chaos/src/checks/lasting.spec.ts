import type { Finding } from './check.js';
import { lasting } from './lasting.js';

const FINDING = { what: 'an attachment without its export', detail: 'a1' };

/** Looks that come to these, one after the other, and to the last again and again. */
function looks(...ways: (Finding[] | Error)[]): () => Promise<Finding[]> {
  let at = 0;
  return async () => {
    const way = ways[Math.min(at++, ways.length - 1)]!;
    if (way instanceof Error) throw way;
    return way;
  };
}

test('what a service mends meanwhile is no finding, also when nobody could look', async () => {
  expect(await lasting(looks([FINDING], new Error('tgtadm: connection refused'), []))).toEqual([]);
});

test('what nobody mends is found', async () => {
  expect(await lasting(looks([FINDING]), 0)).toEqual([FINDING]);
});

test('that nobody can look at all is found', async () => {
  const found = await lasting(looks(new Error('tgtadm: connection refused')), 0);
  expect(found).toEqual([
    { what: 'a check that could not be made', detail: 'Error: tgtadm: connection refused' },
  ]);
});
