import { secondsAhead } from './seconds-ahead.js';

test.each([
  ['between the readings is right, however long an answer took', 5_000, 0],
  ['that is ahead of the later reading is ahead', 70_000, 60],
  ['that is behind the earlier one is behind', -60_000, -60],
])('a clock %s', (_, clock, ahead) => expect(secondsAhead(clock, 0, 10_000)).toBe(ahead));
