import { miscounted, untold } from './events.check.js';

const operation = (state: string, ...types: string[]) => ({
  id: 'o',
  kind: 'volume.create',
  state,
  types: types.map((type) => `volume.create.${type}`),
});

test.each(['succeeded end', 'failed error', 'cancelled error'])('%s is told of so', (right) => {
  const [state, end] = right.split(' ') as [string, string];
  expect(untold([operation(state, 'start', end)])).toEqual([]);
});

test.each([
  ['never', operation('succeeded')],
  ['without its beginning', operation('succeeded', 'end')],
  ['without its end', operation('succeeded', 'start')],
  ['with two ends', operation('succeeded', 'start', 'end', 'end')],
  ['with two beginnings', operation('failed', 'start', 'start', 'error')],
  ['as a failure that it was not', operation('succeeded', 'start', 'error')],
  ['as a success that it was not', operation('cancelled', 'start', 'end')],
  ['the end first', operation('succeeded', 'end', 'start')],
  ['as ended while it lives', operation('running', 'start', 'end')],
])('an operation that was told of %s is found', (_, wrong) => {
  expect(untold([wrong])).toHaveLength(1);
});

test('changes that begin no operation have as many events as were accepted', () => {
  const key = 'volume.update v1';
  const whatOf = (told: number) =>
    miscounted(new Map([[key, 2]]), new Map([[key, told]])).map(({ what }) => what);
  expect(whatOf(2)).toEqual([]);
  expect(whatOf(1)).toEqual(['a change that no event tells of']);
  expect(whatOf(3)).toEqual(['a change that was told of more than once']);
  expect(miscounted(new Map(), new Map([[key, 1]]))).toEqual([]);
});
