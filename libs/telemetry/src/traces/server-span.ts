import { context } from '@opentelemetry/api';
import { getRPCMetadata } from '@opentelemetry/core';

/**
 * Names the running request's server span by its route template, e.g. `GET /v3/:project/volumes/:id`, so that all requests
 * of a route count as one. Call once the route is known; without effect outside of a traced request.
 */
export function nameServerSpan(method: string, route: string): void {
  const metadata = getRPCMetadata(context.active());
  if (!metadata) return;
  metadata.route = route;
  metadata.span.updateName(`${method} ${route}`);
}
