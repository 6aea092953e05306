import { tmpdir } from 'node:os';
import { tooLittleRoom } from './room.js';

test('a run that would fill its directory is told so before it begins', async () => {
  expect(await tooLittleRoom(tmpdir(), 2 ** 40)).toMatch(/GiB free, and a run may need/);
  expect(await tooLittleRoom(tmpdir(), 0)).toBeUndefined();
});
