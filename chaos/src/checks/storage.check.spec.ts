import { compareFiles, compareImages, compareWorkFiles, isKept } from './storage.check.js';

const GIB = 2 ** 30;
const volume = { id: 'v', name: 'volume-v', status: 'available', gib: 2 };

const found = (files: Record<string, number>, ...rows: (typeof volume)[]): string[] =>
  compareFiles('host1', rows, new Map(Object.entries(files))).map(({ what }) => what);

test('a file of its size for every row is no finding', () => {
  expect(found({ 'volume-v': 2 * GIB }, volume)).toEqual([]);
});

test('a file that an extend has left as it was, or cut short, is found', () => {
  expect(found({ 'volume-v': GIB }, volume)).toEqual(['a file of another size than its row']);
  expect(found({ 'volume-v': 2 * GIB - 1 }, volume)).toHaveLength(1);
  expect(found({ 'volume-v': 3 * GIB }, volume)).toHaveLength(1);
});

test('a file without a row and a row without a file are found', () => {
  expect(found({ 'volume-v': GIB })).toEqual(['on disk without a row']);
  expect(found({}, volume)).toEqual(['a row without its file']);
});

test('what is in error may have lost its file, or be larger already', () => {
  const error = { ...volume, status: 'error_extending' };
  expect(found({}, error)).toEqual([]);
  expect(found({ 'volume-v': 3 * GIB }, error)).toEqual([]);
});

test('copies that were not finished, and what was to be deleted, are found once nothing is under way', () => {
  for (const name of ['.partial-volume-v-0a', '.partial-resumable-volume-v-0a', '.trash-volume-v'])
    expect(isKept(name)).toBe(false);
  expect(['.scoria-pool', 'lost+found'].every(isKept)).toBe(true);
  expect(found({ '.trash-volume-v': GIB })).toEqual(['on disk without a row']);
  const id = '11111111-1111-4111-8111-111111111111';
  const [left] = compareFiles('host1', [], new Map([[`.partial-volume-${id}-0a`, GIB]]));
  expect(left!.id).toBe(id);
});

test('images of uploads that failed, or of none, and uploads without an image are found', () => {
  const [good, bad, other] = [1, 2, 3].map((n) => `${n}0000000-0000-4000-8000-000000000000`);
  const uploads = [
    { id: 'o1', state: 'succeeded', image: good! },
    { id: 'o2', state: 'failed', image: bad! },
  ];
  const whatOf = (...files: string[]) => compareImages(uploads, files).map(({ what }) => what);
  expect(whatOf('disk.qcow2', `${good}.qcow2`, `${good}.json`, `${other}.json`)).toEqual([]);
  expect(whatOf('disk.qcow2')).toEqual(['an upload without its image']);
  expect(whatOf(`${good}.qcow2`, `${bad}.qcow2`)).toEqual(['an image of a failed upload']);
  for (const left of [`.${good}.part`, `${bad}.json`, `.${bad}.${other}.json.part`])
    expect(whatOf(`${good}.qcow2`, left)).toEqual(['a file among the images that is none']);
});

test('a work file of an operation that ended well, or of none, is found', () => {
  const [well, badly] = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
  const left = (...files: string[]) => compareWorkFiles('host1', files, new Set([badly]));
  expect(left(`image-${well}.0123456789ab.part`, 'stray')).toHaveLength(2);
  expect(left(`image-${badly}.0123456789ab.part`)).toEqual([]);
});
