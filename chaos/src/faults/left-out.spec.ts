import type { Field } from '../field/field.js';
import { FAULTS } from './index.js';
import { leftOutOf, refuseLeftOut } from './left-out.js';

/** A machine on which nothing can be mounted, so without disks of its own, and without libfaketime. */
const BARE = {
  services: [{ name: 'volume1' }],
  storageHosts: [{ name: 'volume1', host: 'host1' }],
  links: { names: ['volume1 → postgres'] },
  shims: new Map([['host1', {}]]),
  disks: new Map(),
  clocks: new Map(),
} as unknown as Field;

test('what a machine cannot do is named, with what it lacks', () => {
  const leftOut = leftOutOf(FAULTS, BARE);
  expect(leftOut.map(({ name }) => name).sort()).toEqual([
    'break-disk',
    'fill-disk',
    'jump-clock',
    'jump-database-clock',
  ]);
  for (const { needs } of leftOut) expect(needs).toMatch(/root|faketime/);
});

test('a fault that was asked for by name and cannot be inflicted is refused', () => {
  expect(() => refuseLeftOut(leftOutOf(FAULTS, BARE))).toThrow(/break-disk needs to mount/);
  expect(() => refuseLeftOut([])).not.toThrow();
});
