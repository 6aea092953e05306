import { appendFileSync } from 'node:fs';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode, hrTimeToMilliseconds, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** One line of a trace file. */
export interface TraceFileSpan {
  service: string;
  name: string;
  /** `INTERNAL`, `SERVER`, `CLIENT`, `PRODUCER` or `CONSUMER`. */
  kind: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** Milliseconds since 1970. */
  startMs: number;
  durationMs: number;
  /** `UNSET`, `OK` or `ERROR`. */
  status: string;
  statusMessage?: string;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  events: { name: string; attributes?: Record<string, unknown> }[];
}

/**
 * Appends finished spans to a file, one JSON line each, as they end. Several processes may write to one file: each
 * batch is a single append. For tests and for looking at a trace without a collector; writes synchronously.
 */
export class TraceFileExporter implements SpanExporter {
  constructor(private readonly file: string) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    try {
      appendFileSync(this.file, spans.map((span) => `${JSON.stringify(toLine(span))}\n`).join(''), {
        mode: 0o600,
      });
      done({ code: ExportResultCode.SUCCESS });
    } catch (error) {
      done({ code: ExportResultCode.FAILED, error: error as Error });
    }
  }

  async shutdown(): Promise<void> {}
}

function toLine(span: ReadableSpan): TraceFileSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    service: String(span.resource.attributes['service.name']),
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    startMs: hrTimeToMilliseconds(span.startTime),
    durationMs: hrTimeToMilliseconds(span.duration),
    status: SpanStatusCode[span.status.code],
    statusMessage: span.status.message,
    attributes: span.attributes,
    links: span.links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
  };
}
