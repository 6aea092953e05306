import {
  context,
  isSpanContextValid,
  propagation,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** W3C trace context as it travels in message headers, HTTP headers and operation rows. */
export interface TraceCarrier {
  traceparent?: string;
  tracestate?: string;
}

/** The running trace, to be sent along; empty outside of any span. */
export function currentTrace(): TraceCarrier {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** The id of the running trace, for error bodies and rows. */
export function currentTraceId(): string | undefined {
  const span = trace.getActiveSpan()?.spanContext();
  return span && isSpanContextValid(span) ? span.traceId : undefined;
}

/** Runs `fn` as a child of the trace that came with a message. What is not valid is ignored. */
export function continueTrace<T>(carrier: TraceCarrier, fn: () => T): T {
  return context.with(contextFrom(carrier), fn);
}

/** The context of a carrier, with nothing of the one that runs now. */
export function contextFrom(carrier: TraceCarrier): Context {
  return propagation.extract(trace.deleteSpan(context.active()), carrier);
}

/** The span that a `traceparent` names, to be linked to; undefined when it is not valid. */
export function spanContextFrom(traceparent: string | null | undefined): SpanContext | undefined {
  return (traceparent && parseTraceParent(traceparent)) || undefined;
}
