import { randomUUID } from 'node:crypto';
import { volumeName } from '@scoria/domain';
import { driverContext } from '../test-support/driver-context.js';
import { nullDriver } from './index.js';

const id = randomUUID();
const volume = { id, name: volumeName(id), sizeGib: 1, pool: 'test' };
const make = (options: Record<string, unknown> = {}): ReturnType<typeof nullDriver.create> =>
  nullDriver.create(driverContext('/nowhere', options));
const options = { signal: new AbortController().signal };

describe('the null driver', () => {
  it('says that it stores nothing', async () => {
    const driver = make();
    expect(driver.hasInventory).toBe(false);
    expect(await driver.device(volume)).toBeUndefined();
    expect(await driver.pools()).toMatchObject([
      { poolName: 'test', totalCapacityGib: 'infinite', extra: { storesNothing: true } },
    ]);
  });

  it('has as many pools of whatever size as asked', async () => {
    const pools = await make({ pools: 3, totalCapacityGib: 100 }).pools();
    expect(pools.map(({ poolName, freeCapacityGib }) => [poolName, freeCapacityGib])).toEqual([
      ['pool-1', 100],
      ['pool-2', 100],
      ['pool-3', 100],
    ]);
  });

  it('fails every so many operations when it is told to', async () => {
    const driver = make({ failEvery: 3 });
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, () => driver.createVolume(volume, options)),
    );
    expect(results.map(({ status }) => status === 'rejected')).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
    ]);
  });

  it('takes its time when it is told to, but not when it is aborted', async () => {
    const abort = new AbortController();
    const created = make({ delayMs: 3_600_000 }).createVolume(volume, { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(created).rejects.toThrow();
  });

  it.each([
    [{ totalCapacityGib: 'much' }, 'totalCapacityGib must be a number'],
    [{ totalCapacityGib: -1 }, 'totalCapacityGib must not be less than 0'],
    [{ pools: 0 }, 'pools must not be less than 1'],
    [{ delayMS: 1 }, 'backends[test].options.delayMS: is not an option of this driver'],
  ])('refuses %j', (wrong, message) => {
    expect(() => make(wrong)).toThrow(message);
  });
});
