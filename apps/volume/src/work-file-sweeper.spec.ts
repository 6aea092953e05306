import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Database, migrate } from '@scoria/store';
import { removeTempDirs, tempDir, testDatabase } from '@scoria/testing';
import { WorkFileSweeper } from './work-file-sweeper.js';

afterAll(removeTempDirs);

test('a half-converted image is kept for as long as its operation lives, and nobody else’s file is touched', async () => {
  await using source = await testDatabase({
    name: 'store',
    migrate: async (url) => void (await migrate(url)),
  });
  const database = await Database.open({ url: source.url, poolSize: 1 });
  const workDir = join(tempDir('work'), 'conversion');
  const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const sweep = async (): Promise<string[]> => {
    const sweeper = new WorkFileSweeper({ database, workDir, logger, intervalMs: 3_600_000 });
    await sweeper.start();
    await sweeper.stop();
    return readdirSync(workDir).sort();
  };
  try {
    const [live, unknown] = [randomUUID(), randomUUID()];
    await database.query(
      `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id,
                               input, step_name, queue, deadline)
       values ($1, 'volume.create', 1, 'volume', $1, 'p', 'u', 'r', '{}', 'fill', 'q', now())`,
      [live],
    );
    mkdirSync(workDir);
    const fileOf = (owner: string): string => `image-${owner}.0123456789ab.part`;
    for (const name of [fileOf(live), fileOf(unknown), fileOf('no-uuid'), 'image-of-somebody'])
      writeFileSync(join(workDir, name), '');
    expect(await sweep()).toEqual([fileOf(live), 'image-of-somebody'].sort());
    await database.query(`update operations set state = 'cancelled'`);
    expect(await sweep()).toEqual(['image-of-somebody']);
  } finally {
    await database.close();
  }
});
