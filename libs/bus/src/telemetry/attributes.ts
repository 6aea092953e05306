/**
 * Names of OpenTelemetry's semantic conventions for messaging that the bus uses.
 * https://opentelemetry.io/docs/specs/semconv/messaging/
 */
export const ATTR = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  messageId: 'messaging.message.id',
  bodySize: 'messaging.message.body.size',
  errorType: 'error.type',
  /** Ours: the contract and version that a message claims to be. */
  contract: 'scoria.contract',
  version: 'scoria.contract.version',
  requestId: 'scoria.request_id',
  deliveries: 'scoria.bus.deliveries',
  outcome: 'scoria.bus.outcome',
  reason: 'scoria.bus.reason',
} as const;

export const INSTRUMENTATION = 'scoria.bus';
