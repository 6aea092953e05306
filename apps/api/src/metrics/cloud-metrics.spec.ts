import { platformFigures } from '@scoria/store';
import { startTelemetry, type Telemetry } from '@scoria/telemetry';
import { seedSnapshot, seedVolume, POOL } from '../testing/seed.js';
import { statementsOf } from '../testing/statements.js';
import { startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let telemetry: Telemetry;
beforeAll(async () => {
  telemetry = await startTelemetry({ service: 'scoria-api-test', env: {} });
  api = await startTestApi();
  const volume = await seedVolume(api.database, { size: 3 });
  await seedVolume(api.database, { size: 2, status: 'error' });
  await seedSnapshot(api.database, volume);
  await api.database.query(
    `update pools set state = '{"totalCapacityGib": 50, "freeCapacityGib": "unknown", "volumeBackendName": "b"}',
                      claim_limit_gib = 45`,
  );
  await api.database.query(
    `insert into services ("binary", host, availability_zone, reported_at) values
       ('cinder-volume', 'host@lvm', 'nova', now() - interval '1 hour'),
       ('cinder-scheduler', 'host', 'nova', now() + interval '1 hour')`,
  );
  await api.database.query(
    `insert into webhooks (id, project_id, user_id, url, secret, cursor_xid, cursor_id, failures, failing_since) values
       (gen_random_uuid(), 'p', 'u', 'https://a.example', '', 0, 0, 0, null),
       (gen_random_uuid(), 'p', 'u', 'https://b.example', '', 0, 0, 2, now())`,
  );
  await api.as('u:p').post('/v3/volumes', { volume: { size: 1 } });
});
afterAll(async () => {
  await api.close();
  await telemetry.shutdown();
});

it('knows for how long work has had nobody', async () => {
  const unclaimed = async () =>
    (await platformFigures(api.database, 30)).queues.find(({ queue }) => queue === 'scheduler')!
      .unclaimedSeconds;
  await api.database.query(`update operations set due_at = now() - interval '100 seconds' where live`);
  expect(await unclaimed()).toBeGreaterThanOrEqual(100);
  await api.database.query(
    `with w as (insert into workers (id, service, host, lease_until)
       values (gen_random_uuid(), 'scheduler', 'h', now() + interval '1 hour') returning id)
     update operations set owner = w.id from w where live`,
  );
  expect(await unclaimed()).toBe(0);
  await api.database.query('update workers set lease_until = now()');
  expect(await unclaimed()).toBeGreaterThanOrEqual(100);
});

describe('/metrics of the cloud', () => {
  it('is read by two statements, however many ask at once, and by none again at once', async () => {
    let text = '';
    const statements = await statementsOf(api.database, async () => {
      const answers = await Promise.all([api.as('').get('/metrics'), api.as('').get('/metrics')]);
      text = answers[0].text;
    });
    expect(statements).toHaveLength(2);
    expect(await statementsOf(api.database, () => api.as('').get('/metrics'))).toHaveLength(0);
    for (const line of [
      'openstack_cinder_up 1',
      'openstack_cinder_volumes 3',
      'openstack_cinder_snapshots 1',
      'openstack_cinder_volume_status_counter{status="available"} 1',
      'openstack_cinder_volume_status_counter{status="creating"} 1',
      'openstack_cinder_volume_status_counter{status="maintenance"} 0',
      'openstack_cinder_limits_volume_max_gb{tenant="p",tenant_id="p"} 1000',
      'openstack_cinder_limits_volume_used_gb{tenant="p",tenant_id="p"} 9',
      `scoria_pool_total_gib{pool="${POOL}",backend="host@lvm"} 50`,
      `scoria_pool_limit_gib{pool="${POOL}",backend="host@lvm"} 45`,
      'scoria_operations_live{queue="scheduler"} 1',
      'scoria_webhooks{state="failing"} 1',
      'scoria_webhooks{state="ok"} 1',
      'scoria_operations_live_by_kind{kind="volume.create",state="running"} 1',
      'scoria_bus_dead_letters 0',
      'scoria_operations_waiting{queue="scheduler"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/^scoria_operations_unclaimed_age_seconds\{queue="scheduler"\} 0?\.?\d+/m);
    expect(text).toMatch(/^scoria_table_bytes\{table="operations"\} [1-9]\d+$/m);
    expect(text).toMatch(/^scoria_events_held_back_seconds [\d.e-]+$/m);
    expect(text).toMatch(/^scoria_table_rows\{table="events"\} \d+$/m);
    expect(text).not.toMatch(/^scoria_pool_free_gib\{/m);
    expect(text).toMatch(/^openstack_cinder_agent_state\{.*service="cinder-volume".*\} 0$/m);
    expect(text).toMatch(/^openstack_cinder_agent_state\{.*service="cinder-scheduler".*\} 1$/m);
    expect(text).not.toContain('openstack_cinder_volume_gb{');
  });
});
