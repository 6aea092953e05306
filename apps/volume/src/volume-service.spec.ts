import { randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger as NestLogger } from '@nestjs/common';
import { InProcessBus } from '@scoria/bus';
import { loadConfig } from '@scoria/config';
import { volumeName } from '@scoria/domain';
import { Database, migrate } from '@scoria/store';
import { removeTempDirs, tempDir, testDatabase, waitFor } from '@scoria/testing';
import { createVolumeService } from './volume-service.js';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

beforeAll(() => NestLogger.overrideLogger(false));
afterAll(removeTempDirs);

test('a backend whose file system is not mounted ends no other one: it says why, and comes up once mounted', async () => {
  await using source = await testDatabase({
    name: 'store',
    migrate: async (url) => void (await migrate(url)),
  });
  const database = await Database.open({ url: source.url, poolSize: 5 });
  const dir = tempDir();
  const backend = (name: string) => ({
    name,
    driver: 'file',
    export: 'local' as const,
    options: { directory: join(dir, name) },
  });
  const config = loadConfig({
    env: {},
    overrides: {
      database: { url: source.url },
      api: { authStrategy: 'noauth' },
      secrets: { key: Buffer.alloc(32, 7).toString('base64') },
      images: { kind: 'directory', directory: dir, conversionDir: join(dir, 'conversion') },
      volume: { host: 'host', stateDir: join(dir, 'state'), backends: [backend('lost'), backend('sound')] },
    },
  });
  // As a start of before has left it, which knew the file system by this mark.
  const stateDir = join(dir, 'state', 'backends', 'lost');
  await mkdir(stateDir, { recursive: true });
  await writeFile(join(stateDir, 'file-pool-lost'), 'mark');

  const attachment = await servedBefore(database, join(dir, 'sound', 'sound'), 'host@sound#sound');

  const bus = new InProcessBus();
  const service = await createVolumeService({ config, database, bus, images: undefined, logger: QUIET });
  try {
    const started = service.start();
    await waitFor(() => service.ready().reasons.join('\n'), {
      until: (reasons) => /^backend host@lost is not up: .*is its file system mounted\?.*$/.test(reasons),
      describe: 'the lost backend alone to be down, and to say why',
    });
    const exports = join(dir, 'state', 'backends', 'sound', 'exports', 'exports');
    await waitFor(() => readdir(exports), {
      until: (names) => names.includes(attachment),
      describe: 'the attachment of the sound backend to be served again',
    });
    await mkdir(join(dir, 'lost', 'lost'), { recursive: true });
    await writeFile(join(dir, 'lost', 'lost', '.scoria-pool'), 'mark');
    await started;
    expect(service.ready()).toEqual({ ok: true, reasons: [] });
  } finally {
    await service.stop(0);
    await bus.close();
    await database.close();
  }
});

/** An attachment that a server used when its host went down. */
async function servedBefore(database: Database, directory: string, pool: string): Promise<string> {
  const [volume, attachment] = [randomUUID(), randomUUID()];
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, volumeName(volume)), '');
  await database.query(
    `insert into pools (address, backend, state) values ($1, split_part($1, '#', 1), '{}')`,
    [pool],
  );
  await database.query(
    `insert into volumes (id, project_id, user_id, size, status, volume_type_id, pool)
     select $1, 'p', 'u', 1, 'in-use', id, $2 from volume_types limit 1`,
    [volume, pool],
  );
  await database.query(
    `insert into attachments (id, volume_id, project_id, status, exported, connector)
     values ($1, $2, 'p', 'attached', true, '{"host": "client"}')`,
    [attachment, volume],
  );
  return attachment;
}
