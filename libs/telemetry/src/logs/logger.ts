import { isSpanContextValid, trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { scrub, scrubError, scrubText } from '../scrub.js';
import { currentLogContext } from './log-context.js';
import { prettyDestination } from './pretty-destination.js';

export type { Logger } from 'pino';

export interface CreateLoggerOptions {
  /** E.g. `scoria-api`; on every line. */
  service: string;
  /** `trace` ... `fatal`, or `silent`. Default `info`. */
  level?: string;
  /** Lines for people instead of JSON. Default false. */
  pretty?: boolean;
  /** Default: standard output, written synchronously, so that a crash loses nothing. */
  destination?: DestinationStream;
}

/**
 * A logger of JSON lines. Each line carries `requestId` and `operationId` of the running `LogContext` and `traceId` and
 * `spanId` of the active span. Secrets are blanked at any depth, in bindings, fields, messages and errors.
 */
export function createLogger({ service, level = 'info', pretty, destination }: CreateLoggerOptions): Logger {
  const options: LoggerOptions = {
    level,
    base: { service, pid: process.pid },
    messageKey: 'message',
    errorKey: 'error',
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: (value: unknown) => (value instanceof Error ? scrubError(value) : scrub(value)) },
    mixin: () => ({ ...currentLogContext(), ...activeSpanIds() }),
    formatters: {
      level: (label) => ({ level: label }),
      bindings: scrubFields,
      log: scrubFields,
    },
    hooks: {
      logMethod(args, method) {
        const scrubbed = args.map((arg: unknown) => (typeof arg === 'string' ? scrubText(arg) : arg));
        method.apply(this, scrubbed as Parameters<typeof method>);
      },
    },
  };
  return pino(
    options,
    destination ?? (pretty ? prettyDestination() : pino.destination({ fd: 1, sync: true })),
  );
}

/** Errors stay whole here; the serializer, which runs later, takes them apart. */
function scrubFields(fields: Record<string, unknown>): Record<string, unknown> {
  const { error, ...rest } = fields;
  const scrubbed = scrub(rest) as Record<string, unknown>;
  return error === undefined ? scrubbed : { ...scrubbed, error };
}

function activeSpanIds(): { traceId?: string; spanId?: string } {
  const span = trace.getActiveSpan()?.spanContext();
  // Within an untraced request (/live) the ids are all zeros.
  return span === undefined || !isSpanContextValid(span)
    ? {}
    : { traceId: span.traceId, spanId: span.spanId };
}
