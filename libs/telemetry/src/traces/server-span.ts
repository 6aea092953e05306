import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

/**
 * Names the running request's server span by its route template, e.g. `/v3/:project/volumes/:id`: the span becomes
 * `GET /v3/:project/volumes/:id`, so that all requests of a route count as one. Call within the request, once its route is known;
 * without effect when nobody records spans.
 */
export function nameServerSpan(route: string): void {
  const metadata = getRPCMetadata(context.active());
  if (metadata) metadata.route = route;
}
