import { isSpanContextValid, trace } from '@opentelemetry/api';
import {
  pino,
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
  type LoggerOptions,
} from 'pino';
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
      log: scrubFields,
    },
    hooks: {
      logMethod(args, method) {
        const scrubbed = withMessage(args).map((arg) => (typeof arg === 'string' ? scrubText(arg) : arg));
        method.apply(this, scrubbed as Parameters<typeof method>);
      },
    },
  };
  const stream = destination ?? (pretty ? prettyDestination() : pino.destination({ fd: 1, sync: true }));
  const logger = pino(options, stream);
  // pino formats a child's bindings only with formatters of its own. Children inherit this from their parent.
  const child: CallableFunction = logger.child;
  return Object.assign(logger, {
    child(this: Logger, bindings: Bindings, childOptions?: ChildLoggerOptions): Logger {
      return Reflect.apply(child, this, [scrubFields(bindings), childOptions]) as Logger;
    },
  });
}

/** Where a line has no message of its own, pino takes the error's unscrubbed; so it is given here. */
function withMessage([first, message, ...rest]: unknown[]): unknown[] {
  const fields = first instanceof Error ? { error: first } : first;
  const error = isErrorHolder(fields) ? fields.error : undefined;
  return error && message === undefined ? [fields, error.message] : [fields, message, ...rest];
}

const isErrorHolder = (fields: unknown): fields is { error: Error } =>
  typeof fields === 'object' && fields !== null && 'error' in fields && fields.error instanceof Error;

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
