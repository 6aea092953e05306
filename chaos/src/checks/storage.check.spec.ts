import { compareFiles } from './storage.check.js';

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
