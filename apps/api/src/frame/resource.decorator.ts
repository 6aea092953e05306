import { Controller } from '@nestjs/common';

/** A collection below `/v3`, reachable with and without the project in its path (cinder-map §0). */
export function Resource(path: string): ClassDecorator {
  return Controller([`v3/${path}`, `v3/:project_id/${path}`]);
}
