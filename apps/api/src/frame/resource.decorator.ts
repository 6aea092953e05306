import { Controller } from '@nestjs/common';

/** A collection below `/v3`, reachable with and without the project in its path (cinder-map §0). */
export function Resource(path: string): ClassDecorator {
  return Controller([`v3/${path}`, `v3/:project_id/${path}`]);
}

/** Where the paths of Scoria's own resources begin. */
export const OWN_PREFIX = '/scoria/v1/';

/**
 * A collection that Cinder does not have. It stands under a prefix of its own, so that nothing that Cinder may add later
 * collides with it; the project is the token's.
 */
export function OwnResource(path: string): ClassDecorator {
  return Controller(`${OWN_PREFIX.slice(1)}${path}`);
}
