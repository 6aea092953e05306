import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  context,
  propagation,
  trace,
} from '@opentelemetry/api';
import type { Contract } from '@scoria/contracts';
import type { Message } from '../wire/message.js';
import { HEADER } from '../wire/headers.js';
import { ATTR, INSTRUMENTATION } from './attributes.js';

export type MessagingSystem = 'rabbitmq' | 'in_process';

/** Runs `send` inside the producer's span; what is encoded in it carries that span to the consumer. */
export function inSendSpan<T>(
  system: MessagingSystem,
  contract: Contract,
  destination: string,
  send: (span: Span) => Promise<T>,
): Promise<T> {
  const options = {
    kind: SpanKind.PRODUCER,
    attributes: {
      [ATTR.system]: system,
      [ATTR.destination]: destination,
      [ATTR.operationName]: contract.kind,
      [ATTR.operationType]: 'send',
      [ATTR.contract]: contract.name,
      [ATTR.version]: contract.version,
    },
  };
  return trace
    .getTracer(INSTRUMENTATION)
    .startActiveSpan(`send ${destination}`, options, (span) => ended(span, () => send(span)));
}

/** Runs `work` inside the consumer's span, a child of the span that sent the message. */
export function inProcessSpan<T>(
  system: MessagingSystem,
  destination: string,
  message: Message,
  deliveries: number,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(ROOT_CONTEXT, message.headers);
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: {
      [ATTR.system]: system,
      [ATTR.destination]: destination,
      [ATTR.operationName]: 'process',
      [ATTR.operationType]: 'process',
      [ATTR.messageId]: message.id,
      [ATTR.bodySize]: message.content.length,
      [ATTR.deliveries]: deliveries,
      ...headerAttribute(message, HEADER.contract, ATTR.contract),
      ...headerAttribute(message, HEADER.requestId, ATTR.requestId),
    },
  };
  const span = trace.getTracer(INSTRUMENTATION).startSpan(`process ${destination}`, options, parent);
  return context.with(trace.setSpan(parent, span), () => ended(span, () => work(span)));
}

export function describeMessage(span: Span, message: Message): void {
  span.setAttributes({ [ATTR.messageId]: message.id, [ATTR.bodySize]: message.content.length });
}

/** Marks the span failed by the error's name alone: its message may hold what a trace must not. */
export function failSpan(span: Span, error: unknown): void {
  const name = error instanceof Error ? error.name : 'Error';
  span.setAttribute(ATTR.errorType, name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: name });
}

async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function headerAttribute(message: Message, header: string, attribute: string): Record<string, string> {
  const value = message.headers[header];
  return typeof value === 'string' ? { [attribute]: value.slice(0, 255) } : {};
}
