import type { NewEvent } from '@scoria/store';

/** Types are the cloud's: administrators follow them. */
export const typeEvent = (
  type: Extract<NewEvent['type'], `volume_type.${string}`>,
  id: string,
  payload: Readonly<Record<string, unknown>> = {},
): NewEvent => ({ type, resourceId: id, projectId: null, payload });
