import type { Weigher } from './weigher.js';

/** Volumes in the pool. Spreads by number with a negative multiplier. */
export const volumeNumberWeigher: Weigher = {
  name: 'VolumeNumberWeigher',
  raw: (_request, { volumeCount }) => volumeCount,
};
