import { waitFor } from '@scoria/testing';
import type { Commands } from './commands.js';

/** Waits, with the `openstack` command alone, until a volume is available; answers what it shows of it. */
export function volumeSettled(commands: Commands, id: string): Promise<Record<string, unknown>> {
  return waitFor(() => commands.openstack<Record<string, unknown>>('volume', 'show', id), {
    timeoutMs: 60_000,
    describe: `volume ${id} to be available`,
    until: ({ status }) => status === 'available',
  });
}
