import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepLogs } from './keep-logs.js';

let root: string;
const said: string[] = [];

beforeEach(async () => {
  said.length = 0;
  root = await mkdtemp(join(tmpdir(), 'scoria-keep-logs-'));
  await mkdir(join(root, 'logs'));
  await writeFile(join(root, 'logs', 'api1.log'), 'a line');
});
afterEach(() => rm(root, { recursive: true }));

const keep = (parent = root): Promise<void> =>
  keepLogs(join(root, 'logs'), 7, (line) => void said.push(line), parent);

test('logs that cannot be kept are said to be, and take no result along', async () => {
  await keep(join(root, 'nowhere'));
  expect(said).toEqual([expect.stringContaining('could not be kept')]);
});

test('two runs of one seed keep their logs beside each other', async () => {
  await keep();
  await keep();
  const kept = said.map((line) => line.replace('logs: ', ''));
  expect(new Set(kept).size).toBe(2);
  for (const directory of kept) expect(await readFile(join(directory, 'api1.log'), 'utf8')).toBe('a line');
});
