import { jest } from '@jest/globals';
import { startTelemetry } from '../start-telemetry.js';
import {
  EXPORTER_VOLUME_STATUSES,
  METRICS,
  type MetricDefinition,
  type ObservableName,
} from './catalogue.js';
import { count, record } from './instruments.js';
import { cached } from './cached.js';
import { registerObservable } from './observables.js';
import { prometheusText } from './prometheus-text.js';

/** Series by name and labels, parsed strictly by Prometheus' text format 0.0.4. */
function parse(text: string): Map<string, number> {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || /^# (HELP|TYPE|UNIT) [a-zA-Z_:][a-zA-Z0-9_:]* ./.test(line)) continue;
    const match =
      /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*\})? ([-+]?[0-9.e+-]+|NaN|[-+]Inf)$/.exec(
        line,
      );
    if (!match) throw new Error(`not in Prometheus' format: ${line}`);
    const key = match[1]! + (match[2] ?? '');
    if (series.has(key)) throw new Error(`twice: ${key}`);
    series.set(key, Number(match[3]));
  }
  return series;
}

const scrape = async (): Promise<Map<string, number>> => parse(await prometheusText());

describe('/metrics', () => {
  beforeAll(async () => {
    // Counted before the start: must not make later counts go nowhere.
    count('scoria_operations_swept', { queue: 'early' });
    await startTelemetry({ service: 'scoria-test', env: {} });
  });

  it('counts and measures under the names of the catalogue', async () => {
    count('scoria_operations_swept', { queue: 'scheduler' }, 2);
    record('scoria_http_request_duration_seconds', 0.02, {
      method: 'GET',
      route: '/v3/:id',
      status_class: '2xx',
    });
    const series = await scrape();
    expect(series.get('scoria_operations_swept_total{queue="scheduler"}')).toBe(2);
    const labels = 'method="GET",route="/v3/:id",status_class="2xx"';
    expect(series.get(`scoria_http_request_duration_seconds_count{${labels}}`)).toBe(1);
    expect(series.get(`scoria_http_request_duration_seconds_bucket{${labels},le="0.01"}`)).toBe(0);
    expect(series.get(`scoria_http_request_duration_seconds_bucket{${labels},le="0.025"}`)).toBe(1);
  });

  it('shows figures of the process', async () => {
    const series = await scrape();
    expect(series.get('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(series.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(series.has('nodejs_eventloop_lag_p99_seconds')).toBe(true);
  });

  it('gives dashboards of openstack-exporter the exact names and labels', async () => {
    const end = [
      registerObservable('openstack_cinder_up', () => [{ value: 1, labels: {} }]),
      registerObservable('openstack_cinder_agent_state', async () => [
        {
          value: 1,
          labels: {
            uuid: 'u1',
            hostname: 'a@"b"',
            service: 'cinder-volume',
            adminState: 'enabled',
            zone: 'nova',
            disabledReason: '',
          },
        },
      ]),
      registerObservable('openstack_cinder_volume_status_counter', () =>
        EXPORTER_VOLUME_STATUSES.map((status) => ({ value: 0, labels: { status } })),
      ),
    ];
    const series = await scrape();
    expect(series.get('openstack_cinder_up')).toBe(1);
    expect(
      series.get(
        'openstack_cinder_agent_state{uuid="u1",hostname="a@\\"b\\"",service="cinder-volume",adminState="enabled",zone="nova",disabledReason=""}',
      ),
    ).toBe(1);
    expect(series.get('openstack_cinder_volume_status_counter{status="error_backing-up"}')).toBe(0);
    end.forEach((stop) => stop());
    expect((await scrape()).has('openstack_cinder_up')).toBe(false);
  });

  it('leaves out a metric whose reading fails, counts it, and shows the others', async () => {
    const stop = registerObservable('openstack_cinder_volumes', () =>
      Promise.reject(new Error('database away')),
    );
    const series = await scrape();
    stop();
    expect(series.has('openstack_cinder_volumes')).toBe(false);
    expect(series.has('process_resident_memory_bytes')).toBe(true);
    expect((await scrape()).get('scoria_metric_read_failures_total{metric="openstack_cinder_volumes"}')).toBe(
      1,
    );
  });

  it('does not ask the database again for each of many scrapers', async () => {
    let readings = 0;
    // A reading is good for as long as this takes.
    const clock = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const stop = registerObservable('openstack_cinder_snapshots', () => [{ value: ++readings, labels: {} }]);
    await Promise.all([scrape(), scrape()]);
    expect((await scrape()).get('openstack_cinder_snapshots')).toBe(1);
    stop();
    clock.mockRestore();
  });
});

describe('a series of something that is gone', () => {
  it('is gone too, and a hundred thousand do not flood the collector', async () => {
    const sample = (status: string) => ({ value: 1, labels: { status } });
    const readings = [[sample('creating')], Array.from({ length: 100_000 }, (_, i) => sample(`s${i}`))];
    for (const reading of readings) {
      const stop = registerObservable('openstack_cinder_volume_status_counter', () => reading);
      const series = [...(await scrape()).keys()].filter((key) =>
        key.startsWith('openstack_cinder_volume_status_counter'),
      );
      expect(series).toHaveLength(reading.length === 1 ? 1 : 20_000);
      stop();
    }
  });

  it('comes once when two parts of a process report it, or Prometheus refuses all', async () => {
    const twice = [1, 2].map(() =>
      registerObservable('scoria_operations_live', () => [{ value: 1, labels: { queue: 'scheduler' } }]),
    );
    expect((await scrape()).get('scoria_operations_live{queue="scheduler"}')).toBe(1);
    twice.forEach((stop) => stop());
  });
});

describe('the catalogue', () => {
  const definitions = Object.entries(METRICS) as [string, MetricDefinition][];

  it('has names that come out unchanged', () => {
    for (const [name, { kind }] of definitions) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name).not.toMatch(/__|_total$/);
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
    }
  });

  it('has every name of openstack-exporter that dashboards of the cloud read', () => {
    const names: ObservableName[] = [
      'openstack_cinder_up',
      'openstack_cinder_volumes',
      'openstack_cinder_snapshots',
      'openstack_cinder_agent_state',
      'openstack_cinder_volume_status_counter',
      'openstack_cinder_pool_capacity_free_gb',
      'openstack_cinder_pool_capacity_total_gb',
      'openstack_cinder_limits_volume_max_gb',
      'openstack_cinder_limits_volume_used_gb',
    ];
    for (const name of names) expect(METRICS[name].kind).toBe('gauge');
  });
});

describe('a cached reading', () => {
  it('is tried again after a failure', async () => {
    let tries = 0;
    const read = cached(() => (++tries === 1 ? Promise.reject(new Error('first')) : Promise.resolve(tries)));
    await expect(read()).rejects.toThrow('first');
    await expect(read()).resolves.toBe(2);
    await expect(read()).resolves.toBe(2);
  });
});
