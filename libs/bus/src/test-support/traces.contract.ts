import { SpanKind, context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { waitFor } from '@scoria/testing';
import { onCall, onCast } from '../server/handlers.js';
import { type Harness, OTHER_QUEUE, QUEUE } from './harness.js';
import { job, question } from './test-contracts.js';

/** Traces, as they cross every adapter. */
export function traceContract(open: () => Harness): void {
  const spans = new InMemorySpanExporter();
  let harness: Harness;

  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    trace.setGlobalTracerProvider(
      new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
    );
  });
  afterAll(() => {
    context.disable();
    propagation.disable();
    trace.disable();
  });
  beforeEach(() => {
    spans.reset();
    harness = open();
  });
  afterEach(() => harness.close());

  it('is one trace over a call, a cast from its handler and what that handler does', async () => {
    const bus = harness.bus();
    const tracer = trace.getTracer('test');
    const ask = onCall(question, async ({ number }) => {
      await bus.cast(job, OTHER_QUEUE, { number });
      return { doubled: 2 * number };
    });
    const work = onCast(job, async () => tracer.startSpan('work').end());
    await bus.serve({ queues: [QUEUE], handlers: [ask] }).ready;
    await bus.serve({ queues: [OTHER_QUEUE], handlers: [work] }).ready;
    await tracer.startActiveSpan('request', async (span) => {
      await bus.call(question, QUEUE, { number: 1 }, { deadline: new Date(Date.now() + 20_000) });
      span.end();
    });
    const finished = await waitFor(() => spans.getFinishedSpans(), { until: ({ length }) => length >= 6 });
    const chain = [
      'work',
      `process ${OTHER_QUEUE}`,
      `send ${OTHER_QUEUE}`,
      `process ${QUEUE}`,
      `send ${QUEUE}`,
    ];
    for (const [index, name] of chain.entries()) {
      const span = finished.find((candidate) => candidate.name === name)!;
      const parent = finished.find((candidate) => candidate.name === (chain[index + 1] ?? 'request'))!;
      expect([name, span.parentSpanContext?.spanId]).toEqual([name, parent.spanContext().spanId]);
      expect(span.spanContext().traceId).toBe(parent.spanContext().traceId);
    }
    const consumer = finished.find(({ name }) => name === `process ${QUEUE}`)!;
    expect(consumer.kind).toBe(SpanKind.CONSUMER);
    expect(consumer.attributes).toMatchObject({
      'messaging.destination.name': QUEUE,
      'scoria.contract': 'test.question',
    });
  });

  it('does not run a handler inside the sender, where its request and transaction live', async () => {
    const bus = harness.bus();
    const seen = Promise.withResolvers<string | undefined>();
    const work = onCast(job, async () => {
      const active = trace.getActiveSpan();
      seen.resolve(active && 'name' in active ? String(active.name) : undefined);
    });
    await bus.serve({ queues: [QUEUE], handlers: [work] }).ready;
    await trace.getTracer('test').startActiveSpan('request', async (span) => {
      await bus.cast(job, QUEUE, { number: 1 });
      span.end();
    });
    expect(await seen.promise).toBe(`process ${QUEUE}`);
  });

  it('keeps the text of a handler error out of its span', async () => {
    const bus = harness.bus({ deliveryLimit: 1 });
    const work = onCast(job, async () => {
      throw new TypeError('password=secret');
    });
    await bus.serve({ queues: [QUEUE], handlers: [work] }).ready;
    await bus.cast(job, QUEUE, { number: 1 });
    const span = await waitFor(() =>
      spans.getFinishedSpans().find(({ name }) => name === `process ${QUEUE}`),
    );
    expect(span.attributes['error.type']).toBe('TypeError');
    expect(JSON.stringify([span.attributes, span.status, span.events])).not.toContain('secret');
  });
}
