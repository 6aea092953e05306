import { SpanKind, SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api';
import { isSecretName, REDACTED } from '@scoria/domain';
import { scrubText } from '../scrub.js';
import { spanContextFrom } from './trace-context.js';

const tracer = trace.getTracer('scoria');

export interface TracedOptions {
  /** Default `INTERNAL`. */
  kind?: SpanKind;
  /** `traceparent`s of spans that this one goes on from without being their child, e.g. after a restart. */
  links?: readonly (string | null | undefined)[];
}

/**
 * Runs `fn` in a span of the given name. A thrown error is recorded without secrets, marks the span as failed and is
 * thrown on. Attribute values under secret-looking names are blanked.
 */
export function traced<T>(
  name: string,
  attributes: Attributes,
  fn: (span: Span) => T | Promise<T>,
  options: TracedOptions = {},
): Promise<T> {
  const links = (options.links ?? []).map(spanContextFrom).filter((context) => context !== undefined);
  const spanOptions = {
    kind: options.kind ?? SpanKind.INTERNAL,
    attributes: scrubAttributes(attributes),
    links: links.map((context) => ({ context })),
  };
  return tracer.startActiveSpan(name, spanOptions, async (span) => {
    try {
      return await fn(span);
    } catch (error) {
      recordError(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Marks a span as failed by `error`, without its secrets. */
export function recordError(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  span.recordException({ name, message: scrubText(message), stack: stack && scrubText(stack) });
  span.setStatus({ code: SpanStatusCode.ERROR, message: scrubText(message) });
}

function scrubAttributes(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => {
      if (isSecretName(key)) return [key, REDACTED];
      return [key, typeof value === 'string' ? scrubText(value) : value];
    }),
  );
}
