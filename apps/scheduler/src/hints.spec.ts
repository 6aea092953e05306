import { randomUUID } from 'node:crypto';
import { understandHints } from './hints.js';
import { Cloud, PROJECT } from './test-support/cloud.js';
import { poolAt } from './test-support/pool.js';

describe('scheduler hints', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await Cloud.open();
    await cloud.report(poolAt('a@one#p'), poolAt('b@two#p'));
  });
  afterAll(() => cloud[Symbol.asyncDispose]());

  const understand = (hints: Record<string, unknown>, project = PROJECT) =>
    understandHints(cloud.database, project, hints);

  it('find volumes by one id or a list', async () => {
    const [one, two] = [await cloud.existingVolume('a@one#p', 1), await cloud.existingVolume('b@two#p', 1)];
    expect(await understand({ same_host: one, different_host: [one, two] })).toEqual({
      sameHost: { valid: true, pools: new Set(['a@one#p']) },
      differentHost: { valid: true, pools: new Set(['a@one#p', 'b@two#p']) },
    });
  });

  it('do not tell where another project’s volumes are', async () => {
    const volume = await cloud.existingVolume('a@one#p', 1);
    expect(await understand({ same_host: volume }, 'other')).toEqual({
      sameHost: { valid: true, pools: new Set() },
    });
  });

  it.each([
    ['nonsense'],
    [[randomUUID(), 'nonsense']],
    [7],
    [{}],
    [Array.from({ length: 101 }, () => randomUUID())],
  ])('are not half obeyed: %j', async (hint) => {
    expect(await understand({ same_host: hint })).toEqual({ sameHost: { valid: false, pools: new Set() } });
  });

  it('ask for nothing when empty or unknown', async () => {
    expect(await understand({ same_host: [], different_host: null, color: 'blue' })).toEqual({});
  });

  it('find a server by the attachment it made last', async () => {
    const server = randomUUID();
    const volume = await cloud.existingVolume('a@one#p', 1);
    for (const [host, age] of [
      ['old', '2 hours'],
      ['new', '1 hour'],
    ]) {
      await cloud.database.query(
        `insert into attachments (id, volume_id, project_id, instance_uuid, attached_host, status, attached_at)
         values ($1, $2, $3, $4, $5, 'attached', now() - $6::interval)`,
        [randomUUID(), volume, PROJECT, server, host, age],
      );
    }
    expect(await understand({ local_to_instance: server })).toEqual({
      localToInstance: { valid: true, host: 'new' },
    });
    expect(await understand({ local_to_instance: randomUUID() })).toEqual({
      localToInstance: { valid: true, host: undefined },
    });
    expect(await understand({ local_to_instance: 'web-1' })).toEqual({
      localToInstance: { valid: false, host: undefined },
    });
  });
});
