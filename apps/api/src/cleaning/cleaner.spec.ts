import { loadConfig } from '@scoria/config';
import { createLogger } from '@scoria/telemetry';
import { startTestApi, type TestApi } from '../testing/test-api.js';
import { Cleaner } from './cleaner.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

test('what is old is removed in several bounded batches, and what is young stays', async () => {
  const { database } = api;
  await database.query(
    `insert into events (type, project_id, resource_type, resource_id, at)
     select 'volume.update', 'p', 'volume', gen_random_uuid(), now() - make_interval(days => 1 + 9 * (n <= 2500)::int)
       from generate_series(1, 2600) n`,
  );
  await database.query(
    `insert into idempotency_keys (project_id, key, fingerprint, created_at)
     values ('p', 'old', '', now() - interval '2 days'), ('p', 'young', '', now())`,
  );
  const config = loadConfig({
    env: {},
    services: [],
    overrides: { database: { url: 'postgresql://localhost/x' }, events: { retentionDays: 5 } },
  });
  await new Cleaner({ config, database, logger: createLogger({ service: 'test', level: 'silent' }) }).clean();
  expect(await database.query('select count(*)::int as n from events')).toEqual([{ n: 100 }]);
  expect(await database.query('select key from idempotency_keys')).toEqual([{ key: 'young' }]);
});
