import { ZEROS } from '../workload/content.js';
import { Shelf, type ModelVolume } from '../workload/model.js';
import { compare, type ShownSnapshot, type ShownVolume } from './model.check.js';

const promised = (more: Partial<ModelVolume> = {}): ModelVolume => ({
  id: 'v1',
  name: 'one',
  type: 'file',
  size: 2,
  metadata: { a: '1', b: '2' },
  content: ZEROS,
  attachment: undefined,
  snapshots: [{ id: 's1', name: 'snap', size: 1, content: ZEROS, wrecked: false }],
  extendsRefused: 0,
  wrecked: false,
  busy: false,
  ...more,
});

const shown = (more: Partial<ShownVolume> = {}): ShownVolume => ({
  id: 'v1',
  name: 'one',
  status: 'available',
  size: 2,
  metadata: { b: '2', a: '1' },
  attachments: [],
  ...more,
});

const snapshot = (more: Partial<ShownSnapshot> = {}): ShownSnapshot => ({
  id: 's1',
  name: 'snap',
  status: 'available',
  size: 1,
  volume_id: 'v1',
  ...more,
});

function found(
  volume: ModelVolume,
  volumes: ShownVolume[],
  snapshots: ShownSnapshot[] = [snapshot()],
): string[] {
  const shelf = new Shelf();
  shelf.put(volume);
  return compare(shelf, volumes, snapshots).map(({ what }) => what);
}

test('what is as promised is no finding', () => {
  expect(found(promised(), [shown()])).toEqual([]);
  const attached = shown({
    status: 'in-use',
    attachments: [{ attachment_id: 'a1' }],
    metadata: { a: '1', b: '2', attached_mode: 'rw' },
  });
  expect(found(promised({ attachment: 'a1' }), [attached])).toEqual([]);
});

test.each<[string, Partial<ShownVolume>]>([
  ['an extend that was lost', { size: 1 }],
  ['an extend that was done twice', { size: 3 }],
  ['metadata that was lost', { metadata: { a: '1' } }],
  ['metadata of before', { metadata: { a: '0', b: '2' } }],
  ['a status that does not end', { status: 'extending' }],
  ['an attachment that nobody made', { attachments: [{ attachment_id: 'a1' }] }],
])('%s is found', (_, more) => {
  expect(found(promised(), [shown(more)])).toEqual(['a volume that is not as promised']);
});

test('a volume that is gone, and one that nobody asked for, are found', () => {
  expect(found(promised(), [])).toEqual(['a volume that is gone']);
  expect(found(promised(), [shown(), shown({ id: 'v2' })])).toEqual([
    'a volume that nobody asked for, or that was deleted',
  ]);
});

test('snapshots that are gone, unknown or changed are found', () => {
  expect(found(promised(), [shown()], [])).toEqual(['a snapshot that is gone']);
  expect(found(promised(), [shown()], [snapshot({ size: 2 })])).toEqual([
    'a snapshot that is not as promised',
  ]);
  expect(found(promised(), [shown()], [snapshot(), snapshot({ id: 's2' })])).toEqual([
    'a snapshot that nobody asked for, or that was deleted',
  ]);
});

test('a volume about which something has failed may have any status, but must still be there with its name', () => {
  expect(found(promised({ wrecked: true }), [shown({ status: 'error_extending' })])).toEqual([]);
  expect(found(promised({ wrecked: true }), [shown({ name: 'other' })])).toEqual([
    'a volume that is not as promised',
  ]);
});
