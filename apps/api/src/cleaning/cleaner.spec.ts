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
     select 'p', 'old ' || n, '', now() - interval '2 days' from generate_series(1, 1700) n
      union all values ('p', 'young', '', now())`,
  );
  await database.query(
    `insert into messages (project_id, request_id, resource_type, action_id, detail_id, event_id, user_message, expires_at)
     select 'p', '', 'volume', '', '', '', '', now() + make_interval(days => case when n <= 1100 then -1 else 1 end)
       from generate_series(1, 1103) n`,
  );
  await database.query(
    `insert into operations (id, kind, version, resource_type, resource_id, project_id, user_id, request_id, input, state,
                             step_name, queue, deadline, created_at, finished_at)
     select gen_random_uuid(), kind, 1, 'volume', gen_random_uuid(), 'p', '', '', '{}', state, '', '', now(),
            now() - make_interval(days => made), now() - make_interval(days => ended)
       from (values ('old', 'failed', 9, 8, 1100), ('old and live', 'undoing', 9, null, 1), ('long', 'succeeded', 9, 1, 1),
                    ('young', 'cancelled', 2, 1, 1)) of (kind, state, made, ended, n), generate_series(1, n)`,
  );
  const config = loadConfig({
    env: {},
    services: [],
    overrides: {
      database: { url: 'postgresql://localhost/x' },
      events: { retentionDays: 5 },
      operations: { retentionDays: 5 },
    },
  });
  await new Cleaner({ config, database, logger: createLogger({ service: 'test', level: 'silent' }) }).clean();
  expect(await database.query('select count(*)::int as n from events')).toEqual([{ n: 100 }]);
  expect(await database.query('select key from idempotency_keys')).toEqual([{ key: 'young' }]);
  expect(await database.query('select count(*)::int as n from messages')).toEqual([{ n: 3 }]);
  expect(await database.query('select kind from operations order by kind')).toEqual([
    { kind: 'long' },
    { kind: 'old and live' },
    { kind: 'young' },
  ]);
});
