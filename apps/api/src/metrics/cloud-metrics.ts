import { platformFigures, resourceFigures } from '@scoria/store';
import { EXPORTER_VOLUME_STATUSES, cached, registerObservable } from '@scoria/telemetry';
import type { ApiDeps } from '../frame/deps.js';
import { poolMetrics } from './pool-metrics.js';

/**
 * What the cloud holds, under the names of openstack-exporter and Scoria's own. Two statements, at most once in five
 * seconds however often and by whomever metrics are read. Returns what ends it.
 */
export function registerCloudMetrics({
  database,
  bus,
  config,
}: Pick<ApiDeps, 'database' | 'bus' | 'config'>): () => void {
  const resources = cached(() => resourceFigures(database));
  const platform = cached(() => platformFigures(database, config.scheduler.serviceDownSeconds));
  const ends = [
    registerObservable('openstack_cinder_up', () => [{ value: 1, labels: {} }]),
    registerObservable('openstack_cinder_volumes', async () => {
      const { volumes } = await resources();
      return [{ value: volumes.reduce((sum, { count }) => sum + count, 0), labels: {} }];
    }),
    registerObservable('openstack_cinder_volume_status_counter', async () => {
      const { volumes } = await resources();
      const counts = new Map<string, number>(EXPORTER_VOLUME_STATUSES.map((status) => [status, 0]));
      for (const { status, count } of volumes) counts.set(status, count);
      return [...counts].map(([status, value]) => ({ value, labels: { status } }));
    }),
    registerObservable('openstack_cinder_snapshots', async () => [
      { value: (await resources()).snapshots, labels: {} },
    ]),
    // The names of projects are Keystone's; their ids stand in for them.
    registerObservable('openstack_cinder_limits_volume_max_gb', async () =>
      (await resources()).projects.map(({ projectId, limit }) => ({
        value: limit,
        labels: { tenant: projectId, tenant_id: projectId },
      })),
    ),
    registerObservable('openstack_cinder_limits_volume_used_gb', async () =>
      (await resources()).projects.map(({ projectId, used }) => ({
        value: used,
        labels: { tenant: projectId, tenant_id: projectId },
      })),
    ),
    registerObservable('openstack_cinder_agent_state', async () =>
      (await platform()).services.map(({ id, host, binary, zone, disabled, disabledReason, up }) => ({
        value: up ? 1 : 0,
        labels: {
          uuid: id,
          hostname: host,
          service: binary,
          adminState: disabled ? 'disabled' : 'enabled',
          zone,
          disabledReason: disabledReason ?? '',
        },
      })),
    ),
    registerObservable('scoria_operations_live', async () =>
      (await platform()).queues.map(({ queue, live }) => ({ value: live, labels: { queue } })),
    ),
    registerObservable('scoria_operations_waiting', async () =>
      (await platform()).queues.map(({ queue, waiting }) => ({ value: waiting, labels: { queue } })),
    ),
    registerObservable('scoria_operations_oldest_age_seconds', async () =>
      (await platform()).queues.map(({ queue, oldestSeconds }) => ({
        value: oldestSeconds,
        labels: { queue },
      })),
    ),
    registerObservable('scoria_webhooks', async () =>
      (await platform()).webhooks.map(({ state, count }) => ({ value: count, labels: { state } })),
    ),
    registerObservable('scoria_events_held_back_seconds', async () => [
      { value: (await platform()).eventsHeldSeconds, labels: {} },
    ]),
    registerObservable('scoria_operations_unclaimed_age_seconds', async () =>
      (await platform()).queues.map(({ queue, unclaimedSeconds }) => ({
        value: unclaimedSeconds,
        labels: { queue },
      })),
    ),
    registerObservable('scoria_operations_live_by_kind', async () =>
      (await platform()).kinds.map(({ kind, state, live }) => ({ value: live, labels: { kind, state } })),
    ),
    registerObservable('scoria_table_rows', async () =>
      (await platform()).tables.map(({ table, rows }) => ({ value: rows, labels: { table } })),
    ),
    registerObservable('scoria_table_bytes', async () =>
      (await platform()).tables.map(({ table, bytes }) => ({ value: bytes, labels: { table } })),
    ),
    registerObservable('scoria_bus_dead_letters', async () => [
      { value: await bus.countDeadLetters(), labels: {} },
    ]),
    ...poolMetrics(async () => (await platform()).pools),
  ];
  return () => ends.forEach((end) => end());
}
