import type { ModelVolume } from '../model.js';
import type { Tenant } from '../tenant.js';

/** How it ended, and what is worth knowing about it: ids. */
export type Ending = readonly [outcome: string, detail: string];

/** One thing that a tenant does. */
export interface Act {
  name: string;
  /** How often it is chosen, against the others. */
  weight: number;
  /** Volumes that it may be done to; left out when it needs none. */
  fits?: (volume: ModelVolume) => boolean;
  /** @param volume one that fits; nobody else is at it */
  run(tenant: Tenant, volume: ModelVolume): Promise<Ending>;
}

export const isFile = (volume: ModelVolume): boolean => volume.type === 'file' && !volume.wrecked;
export const isFree = (volume: ModelVolume): boolean => volume.attachment === undefined;
export const isBare = (volume: ModelVolume): boolean => isFree(volume) && volume.snapshots.length === 0;
