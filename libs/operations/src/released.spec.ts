import { readFileSync } from 'node:fs';
import { operationShapes, type OperationShape } from './test-support/shapes.js';

const released = JSON.parse(readFileSync(new URL('../released.json', import.meta.url), 'utf8')) as Record<
  string,
  OperationShape
>;
const current = operationShapes();

test.each(Object.keys(released))('the released operation %s has the steps that it had', (key) => {
  expect(current[key]).toEqual(released[key]);
});

test('every operation is on record: `npm run record-released` adds what is new', () => {
  expect(Object.keys(current).sort()).toEqual(Object.keys(released).sort());
});
