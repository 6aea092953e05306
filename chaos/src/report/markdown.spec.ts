import { markdown } from './markdown.js';
import type { Result } from './result.js';

const RESULT: Result = {
  plan: 'storm',
  seed: 1,
  command: 'npm run chaos --',
  seconds: 1,
  done: [],
  blows: [],
  leftOut: [],
  seen: { counts: new Map(), failures: [] },
  convergence: 0,
  checks: [],
  stories: [],
};

test('a report says which faults a machine could not have, and what it lacked', () => {
  const leftOut = [{ name: 'break-disk', needs: 'root, to mount file systems' }];
  expect(markdown({ ...RESULT, leftOut })).toContain(
    'left out on this machine: break-disk, which needs root, to mount file systems',
  );
  expect(markdown(RESULT)).not.toContain('left out');
});
