import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  detectResources,
  defaultResource,
  envDetector,
  resourceFromAttributes,
  type Resource,
} from '@opentelemetry/resources';

/**
 * Who the telemetry is from. `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win. The process detector is left out: it
 * publishes the command line.
 */
export function createResource(service: string, version: string): Resource {
  return defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': service,
        'service.namespace': 'scoria',
        'service.version': version,
        'service.instance.id': randomUUID(),
        'host.name': hostname(),
        'process.pid': process.pid,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
}
