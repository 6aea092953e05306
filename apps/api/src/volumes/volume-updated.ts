import type { LockedVolume, NewEvent } from '@scoria/store';

/** The event of a change that a client made, with the names of what it changed. */
export const volumeUpdated = (
  { id, projectId }: Pick<LockedVolume, 'id' | 'projectId'>,
  changed: readonly string[],
): NewEvent => ({ type: 'volume.update', resourceId: id, projectId, payload: { changed } });
