import type { Blow } from '../storm.js';
import { Ledger } from '../workload/model.js';
import type { Scene } from './check.js';
import { operationsCheck } from './operations.check.js';

const BEGAN = 1_000_000;
const row = (kind: string, resource: string, more: object = {}) => ({
  id: `${kind} of ${resource}`,
  kind,
  resource,
  state: 'succeeded',
  error: null,
  backend: 'host1@file',
  pinned: null,
  history: [],
  began: BEGAN,
  ended: BEGAN + 1000,
  ...more,
});

function find(asked: [operation: string, resource: string][], rows: object[], blows: Partial<Blow>[] = []) {
  const ledger = new Ledger();
  for (const [operation, resourceId] of asked)
    ledger.note({ act: 'x', project: 'p', operation, resourceId, key: 'k', requestId: 'r', at: 0 });
  // The check reads rows and nothing else of the database.
  const scene = { ledger, blows, database: { query: async () => rows } } as unknown as Scene;
  return operationsCheck.look(scene).then((found) => found.map(({ what }) => what));
}

const blow = (excuses: boolean, began: number, ended: number): Partial<Blow> =>
  ({ fault: { excuses }, host: 'host1', began, ended }) as Partial<Blow>;

test('once asked and once done is no finding', async () => {
  expect(await find([['volume.create', 'v']], [row('volume.create', 'v')])).toEqual([]);
});

test('a copy that did not fit into its source’s pool is no finding, and any other failure without a fault is', async () => {
  const failed = (message: string) => row('volume.create', 'v', { state: 'failed', error: { message } });
  const asked: [string, string][] = [['volume.create', 'v']];
  expect(
    await find(asked, [failed('6 pools: 1 not enough capacity (4 GiB asked, 3 GiB free at most).')]),
  ).toEqual([]);
  expect(await find(asked, [failed('6 pools: 1 not in service.')])).toHaveLength(1);
});

test('a request that was lost, done twice, or never made is found', async () => {
  expect(await find([['volume.extend', 'v']], [])).toEqual(['an accepted request was lost']);
  const twice = [row('volume.extend', 'v'), row('volume.extend', 'v')];
  expect(await find([['volume.extend', 'v']], twice)).toEqual(['done more often than asked']);
  expect(await find([], [row('volume.extend', 'v')])).toEqual(['done though nobody was told']);
});

test('only what was never made is removed without an operation', async () => {
  const asked: [string, string][] = [
    ['volume.create', 'v'],
    ['volume.delete', 'v'],
  ];
  const failed = row('volume.create', 'v', { state: 'failed' });
  expect(await find(asked, [failed], [blow(true, BEGAN, BEGAN)])).toEqual([]);
  expect(await find(asked, [row('volume.create', 'v')])).toEqual(['an accepted request was lost']);
});

test('a failure needs a fault that explains it, at the time', async () => {
  const failed = row('volume.extend', 'v', { state: 'failed' });
  const asked: [string, string][] = [['volume.extend', 'v']];
  const unexplained = ['failed though nothing that happened is reason enough'];
  expect(await find(asked, [failed])).toEqual(unexplained);
  expect(await find(asked, [failed], [blow(false, BEGAN, BEGAN + 500)])).toEqual(unexplained);
  expect(await find(asked, [failed], [blow(true, BEGAN + 2000, BEGAN + 3000)])).toEqual(unexplained);
  expect(await find(asked, [failed], [blow(true, BEGAN - 500, BEGAN + 500)])).toEqual([]);
});
