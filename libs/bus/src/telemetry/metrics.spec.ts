import { Logger } from '@nestjs/common';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { waitFor } from '@scoria/testing';
import { InProcessBus } from '../in-process/in-process-bus.js';
import { onCall, onCast } from '../server/handlers.js';
import { QUEUE } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { type Job, type Question, job, newerJob, question } from '../test-support/test-contracts.js';

describe('the figures of the bus', () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });

  beforeAll(() => {
    Logger.overrideLogger(false);
    metrics.setGlobalMeterProvider(provider);
  });
  afterAll(async () => {
    metrics.disable();
    await provider.shutdown();
  });

  async function figures(): Promise<Record<string, unknown[]>> {
    await provider.forceFlush();
    const all = exporter
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        dataPoints.map(({ attributes, value }) => ({
          ...attributes,
          value: typeof value === 'number' ? value : 'count' in value ? value.count : undefined,
        })),
      ]),
    );
  }

  it('tell what was sent, handled, given up, returned and late, and how long calls took', async () => {
    const bus = new InProcessBus({ deliveryLimit: 1 });
    const inbox = new Inbox<Job>(({ number }) => number === 2);
    const asked = new Inbox<Question>().hold();
    const answer = onCall(question, async (body, context) => {
      await asked.handle(body, context);
      return { doubled: 2 * body.number };
    });
    bus.serve({ queues: [QUEUE], prefetch: 1, handlers: [onCast(job, inbox.handle), answer] });
    for (const number of [1, 2]) await bus.cast(job, QUEUE, { number });
    await bus.cast(newerJob, QUEUE, { number: 3 });
    await bus.cast(job, 'nowhere', { number: 4 }).catch(() => undefined);
    const first = bus.call(question, QUEUE, { number: 5 }, { deadline: new Date(Date.now() + 20_000) });
    await asked.received(1);
    const late = bus.call(question, QUEUE, { number: 6 }, { deadline: new Date(Date.now() + 20) });
    await late.catch(() => undefined);
    asked.release();
    await first;
    const seen = await waitFor(figures, { until: (found) => 'scoria.bus.late' in found });
    const contract = { 'scoria.contract': 'test.job' };
    const call = { 'scoria.contract': 'test.question' };
    expect(seen).toEqual({
      'scoria.bus.sent': [
        { ...contract, value: 3 },
        { ...call, value: 2 },
      ],
      'scoria.bus.consumed': [
        { ...contract, 'scoria.bus.outcome': 'done', value: 1 },
        { ...contract, 'scoria.bus.outcome': 'failed', value: 1 },
        { ...call, 'scoria.bus.outcome': 'done', value: 1 },
      ],
      'scoria.bus.dead_lettered': [
        { 'messaging.destination.name': QUEUE, 'scoria.bus.reason': 'delivery-limit', value: 1 },
        { 'messaging.destination.name': QUEUE, 'scoria.bus.reason': 'newer-version', value: 1 },
      ],
      'scoria.bus.returned': [{ ...contract, value: 1 }],
      'scoria.bus.late': [{ ...call, value: 1 }],
      'scoria.bus.call.duration': [
        { ...call, 'error.type': 'DeadlineError', value: 1 },
        { ...call, value: 1 },
      ],
    });
    await bus.close();
  });
});
