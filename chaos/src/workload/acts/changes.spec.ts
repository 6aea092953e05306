import { ZEROS } from '../content.js';
import type { ModelVolume } from '../model.js';
import type { Tenant } from '../tenant.js';
import { CHANGES } from './changes.js';

const extend = CHANGES.find(({ name }) => name === 'extend')!;

const volume = (): ModelVolume => ({
  id: 'v',
  name: 'v',
  type: 'file',
  size: 1,
  metadata: {},
  content: ZEROS,
  attachment: undefined,
  snapshots: [],
  extendsRefused: 0,
  wrecked: false,
  busy: true,
});

/** Whose requests are accepted, and whose volume comes to rest like this. */
const tenant = (status: string, messages: number): Tenant =>
  ({
    change: async () => ({}),
    settled: async () => status,
    get: async () => ({ body: { messages: Array.from({ length: messages }), volume: { size: 1 } } }),
  }) as unknown as Tenant;

test('an extend that was accepted and ended well promises its size, whatever is shown', async () => {
  const grown = volume();
  expect(await extend.run(tenant('available', 0), grown)).toEqual(['available', 'v']);
  expect(grown).toMatchObject({ size: 2, wrecked: false });
});

test('an extend for which there was no room promises nothing, and the next one does again', async () => {
  const full = volume();
  expect(await extend.run(tenant('available', 1), full)).toEqual(['no room, available', 'v']);
  expect(full).toMatchObject({ size: 1, wrecked: false });
  await extend.run(tenant('available', 1), full);
  expect(full.size).toBe(2);
});

test('an extend that failed promises the old size, and the volume may only be removed', async () => {
  const failed = volume();
  expect(await extend.run(tenant('error_extending', 0), failed)).toEqual(['error_extending', 'v']);
  expect(failed).toMatchObject({ size: 1, wrecked: true });
});
