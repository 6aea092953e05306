/**
 * Every metric that Scoria has: its Prometheus name (without the `_total` that counters get), kind, unit (UCUM), help and
 * labels. A `gauge` or `observedCounter` is read when asked for, from a function given to `registerObservable`.
 */
export interface MetricDefinition {
  readonly kind: 'counter' | 'histogram' | 'gauge' | 'observedCounter';
  readonly unit?: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

const REQUEST_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const OPERATION_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600];
const POOL_LABELS = ['name', 'volume_backend_name', 'vendor_name'] as const;
const TENANT_LABELS = ['tenant', 'tenant_id'] as const;

export const METRICS = {
  // The gateway: rate, errors, duration.
  scoria_http_requests: {
    kind: 'counter',
    help: 'HTTP requests answered, by route template and status code; 499 for clients that went before the answer.',
    labels: ['method', 'route', 'status'],
  },
  scoria_http_request_duration_seconds: {
    kind: 'histogram',
    unit: 's',
    help: 'Time from the first byte of a request to the last of its answer. status_class is 2xx, 4xx, 5xx.',
    labels: ['method', 'route', 'status_class'],
    buckets: REQUEST_SECONDS,
  },
  scoria_http_requests_refused: {
    kind: 'counter',
    help: 'HTTP requests refused unserved. reason is in_flight, event_loop or database (503), project_in_flight or project_rate (429).',
    labels: ['reason'],
  },
  scoria_http_requests_in_flight: {
    kind: 'gauge',
    help: 'HTTP requests being served now.',
    labels: [],
  },

  scoria_database_waiting: {
    kind: 'gauge',
    help: 'Statements of this process that wait for a database connection now.',
    labels: [],
  },
  scoria_database_connections_in_use: {
    kind: 'gauge',
    help: 'Database connections of this process that are in use now, of those that database.poolSize allows.',
    labels: [],
  },

  // Operations.
  scoria_operation_duration_seconds: {
    kind: 'histogram',
    unit: 's',
    help: 'Time from the commit of an operation to its end. outcome is done, failed or cancelled.',
    labels: ['kind', 'outcome'],
    buckets: OPERATION_SECONDS,
  },
  scoria_operation_step_retries: {
    kind: 'counter',
    help: 'Steps run again after a failure.',
    labels: ['kind', 'step'],
  },
  scoria_operation_undo_failures: {
    kind: 'counter',
    help: 'Undos that failed and are tried again. Any increase wants a look.',
    labels: ['kind', 'step'],
  },
  scoria_operation_lease_takeovers: {
    kind: 'counter',
    help: 'Operations taken over from a worker whose lease had expired.',
    labels: ['kind'],
  },
  scoria_operations_swept: {
    kind: 'counter',
    help: 'Operations found by a sweep because their doorbell was lost.',
    labels: ['queue'],
  },
  scoria_operations_live: {
    kind: 'gauge',
    help: 'Operations that have not ended, by the queue of their next step.',
    labels: ['queue'],
  },
  scoria_operations_waiting: {
    kind: 'gauge',
    help: 'Operations that are due and that no worker has claimed, by queue: the backlog.',
    labels: ['queue'],
  },
  scoria_operation_slots_in_use: {
    kind: 'gauge',
    help: 'Operations that this process runs, of the operations.maxConcurrent that it may run for each queue.',
    labels: ['queue'],
  },
  scoria_operations_oldest_age_seconds: {
    kind: 'gauge',
    unit: 's',
    help: 'Age of the oldest operation that has not ended.',
    labels: ['queue'],
  },
  scoria_operations_unclaimed_age_seconds: {
    kind: 'gauge',
    unit: 's',
    help: 'For how long the oldest operation that is due has had no living worker; 0 when each has one.',
    labels: ['queue'],
  },
  scoria_operations_live_by_kind: {
    kind: 'gauge',
    help: 'Operations that have not ended, by what they do. state is running or undoing.',
    labels: ['kind', 'state'],
  },
  scoria_bus_dead_letters: {
    kind: 'gauge',
    help: 'Messages in the dead-letter queue.',
    labels: [],
  },
  scoria_table_rows: {
    kind: 'gauge',
    help: 'Rows of a table that grows with time, as PostgreSQL estimates them.',
    labels: ['table'],
  },
  scoria_table_bytes: {
    kind: 'gauge',
    unit: 'By',
    help: 'Bytes of a table that grows with time, with its indexes.',
    labels: ['table'],
  },

  // Events.
  scoria_event_streams: {
    kind: 'gauge',
    help: 'Streams of events that are served now.',
    labels: [],
  },
  scoria_event_streams_ended: {
    kind: 'counter',
    help: 'Streams that ended. reason is client, slow, lifetime, stop or error.',
    labels: ['reason'],
  },
  scoria_event_streams_refused: {
    kind: 'counter',
    help: 'Streams refused because too many were open. limit is process or project.',
    labels: ['limit'],
  },
  scoria_events_held_back_seconds: {
    kind: 'gauge',
    unit: 's',
    help: 'Time for which the oldest committed event has waited for an older transaction of the server to end.',
    labels: [],
  },
  scoria_events_removed: {
    kind: 'counter',
    help: 'Events removed for their age.',
    labels: [],
  },
  scoria_webhook_deliveries: {
    kind: 'counter',
    help: 'Deliveries tried. outcome is delivered, failed, refused (the address is not allowed) or unread (the database did not say what to send).',
    labels: ['outcome'],
  },
  scoria_webhook_delivery_duration_seconds: {
    kind: 'histogram',
    unit: 's',
    help: 'Time that a receiver took to answer a delivery.',
    labels: ['outcome'],
    buckets: REQUEST_SECONDS,
  },
  scoria_webhook_events_delivered: {
    kind: 'counter',
    help: 'Events delivered, each as often as it was sent with success.',
    labels: [],
  },
  scoria_webhooks_disabled: {
    kind: 'counter',
    help: 'Webhooks disabled because their receiver failed for too long, or said that it has gone.',
    labels: [],
  },
  scoria_webhooks: {
    kind: 'gauge',
    help: 'Webhooks by state: ok, failing or disabled.',
    labels: ['state'],
  },

  // Pools. Capacities are GiB.
  scoria_pool_total_gib: {
    kind: 'gauge',
    help: 'Total capacity of a pool, GiB.',
    labels: ['pool', 'backend'],
  },
  scoria_pool_free_gib: {
    kind: 'gauge',
    help: 'Physically free capacity of a pool, GiB.',
    labels: ['pool', 'backend'],
  },
  scoria_pool_claimed_gib: {
    kind: 'gauge',
    help: 'Capacity of a pool that placement has claimed, GiB.',
    labels: ['pool', 'backend'],
  },
  scoria_pool_limit_gib: {
    kind: 'gauge',
    help: 'What the claims of a pool can never exceed, GiB.',
    labels: ['pool', 'backend'],
  },

  scoria_backend_unknown_items: {
    kind: 'gauge',
    help: 'Things on a backend that no row knows. They are reported, never removed.',
    labels: ['backend'],
  },
  scoria_backend_missing_items: {
    kind: 'gauge',
    help: 'Volumes and snapshots at rest whose bytes are not on their backend.',
    labels: ['backend'],
  },

  // Exports, compared with the attachments by each storage host.
  scoria_exports_restored: {
    kind: 'counter',
    help: 'Exports made again because an attachment had none.',
    labels: ['backend'],
  },
  scoria_exports_ended: {
    kind: 'counter',
    help: 'Exports ended because no attachment had them.',
    labels: [],
  },
  scoria_exports_left: {
    kind: 'gauge',
    help: 'Exports without an attachment that are left because the budget of an hour is used up.',
    labels: [],
  },
  scoria_exports_foreign: {
    kind: 'gauge',
    help: 'Exports that are not of Scoria. They are left alone.',
    labels: [],
  },

  // The process, under the names that Node dashboards know.
  process_resident_memory_bytes: {
    kind: 'gauge',
    unit: 'By',
    help: 'Resident memory size in bytes.',
    labels: [],
  },
  process_cpu_seconds: {
    kind: 'observedCounter',
    unit: 's',
    help: 'User and system CPU time spent in seconds.',
    labels: [],
  },
  process_start_time_seconds: {
    kind: 'gauge',
    unit: 's',
    help: 'Start time of the process since unix epoch in seconds.',
    labels: [],
  },
  nodejs_eventloop_lag_p99_seconds: {
    kind: 'gauge',
    unit: 's',
    help: 'The 99th percentile of event loop delays since the last reading.',
    labels: [],
  },
  scoria_metric_read_failures: {
    kind: 'counter',
    help: 'Readings of a metric that failed; its series are missing meanwhile.',
    labels: ['metric'],
  },

  // The names and labels of openstack-exporter, so that its dashboards and alerts work without it.
  openstack_cinder_up: {
    kind: 'gauge',
    help: 'Whether the service answers (1) or not (0).',
    labels: [],
  },
  openstack_cinder_volumes: {
    kind: 'gauge',
    help: 'Volumes of all projects.',
    labels: [],
  },
  openstack_cinder_snapshots: {
    kind: 'gauge',
    help: 'Snapshots of all projects.',
    labels: [],
  },
  openstack_cinder_agent_state: {
    kind: 'gauge',
    help: 'Whether a service is up (1) or down (0).',
    labels: ['uuid', 'hostname', 'service', 'adminState', 'zone', 'disabledReason'],
  },
  openstack_cinder_volume_status_counter: {
    kind: 'gauge',
    help: 'Volumes by status.',
    labels: ['status'],
  },
  openstack_cinder_pool_capacity_free_gb: {
    kind: 'gauge',
    help: 'Free capacity of a pool, GiB.',
    labels: POOL_LABELS,
  },
  openstack_cinder_pool_capacity_total_gb: {
    kind: 'gauge',
    help: 'Total capacity of a pool, GiB.',
    labels: POOL_LABELS,
  },
  openstack_cinder_limits_volume_max_gb: {
    kind: 'gauge',
    help: 'Gigabytes quota of a project, GiB; -1 when unlimited.',
    labels: TENANT_LABELS,
  },
  openstack_cinder_limits_volume_used_gb: {
    kind: 'gauge',
    help: 'Gigabytes used by a project, GiB.',
    labels: TENANT_LABELS,
  },
} as const satisfies Record<string, MetricDefinition>;

type Metrics = typeof METRICS;
export type MetricName = keyof Metrics;
type NamesOfKind<K extends MetricDefinition['kind']> = {
  [N in MetricName]: Metrics[N]['kind'] extends K ? N : never;
}[MetricName];

export type CounterName = NamesOfKind<'counter'>;
export type HistogramName = NamesOfKind<'histogram'>;
export type ObservableName = NamesOfKind<'gauge' | 'observedCounter'>;

/** The labels of a metric: all of them, no others. */
export type LabelsOf<N extends MetricName> = Readonly<Record<Metrics[N]['labels'][number], string | number>>;

/** The exporter's list of statuses: `openstack_cinder_volume_status_counter` has a series for each, 0 included. */
export const EXPORTER_VOLUME_STATUSES = [
  'creating',
  'available',
  'reserved',
  'attaching',
  'detaching',
  'in-use',
  'maintenance',
  'deleting',
  'awaiting-transfer',
  'error',
  'error_deleting',
  'backing-up',
  'restoring-backup',
  'error_backing-up',
  'error_restoring',
  'error_extending',
  'downloading',
  'uploading',
  'retyping',
  'extending',
] as const;
