import { untold } from './events.check.js';

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
