import { Ledger, Shelf, type ModelVolume } from './model.js';

const entry = (operation: string | undefined, resourceId: string) => ({
  act: 'act',
  project: 'project',
  operation,
  resourceId,
  key: 'key',
  requestId: 'req',
  at: 0,
});

test('the ledger counts what was accepted by operation and resource, and nothing that begins none', () => {
  const ledger = new Ledger();
  ledger.note(entry('volume.create', 'v1'));
  ledger.note(entry('volume.extend', 'v1'));
  ledger.note(entry('volume.extend', 'v1'));
  ledger.note(entry(undefined, 'v1'));
  expect([...ledger.counts()]).toEqual([
    ['volume.create v1', 1],
    ['volume.extend v1', 2],
  ]);
  ledger.note({ ...entry(undefined, 'v1'), event: 'volume.update' });
  expect([...ledger.counts('event')]).toEqual([['volume.update v1', 1]]);
});

test('nobody is offered a volume that somebody is at', () => {
  const shelf = new Shelf();
  shelf.put({ id: 'v1', busy: true } as ModelVolume);
  shelf.put({ id: 'v2', busy: false } as ModelVolume);
  expect(shelf.free().map(({ id }) => id)).toEqual(['v2']);
  expect(shelf.free(({ id }) => id === 'v1')).toEqual([]);
});
