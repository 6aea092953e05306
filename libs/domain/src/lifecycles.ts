/**
 * Which statuses there are, who ends them, and which requests are allowed in them (cinder-map §3).
 */

/** Statuses that a live operation ends. The database refuses them without one. */
export const OPERATION_STATUSES = ['creating', 'downloading', 'uploading', 'extending', 'deleting'] as const;

/** Statuses that follow from a volume's attachments and holds; they end when the client acts. */
export const CLIENT_HELD_STATUSES = ['reserved', 'attaching', 'in-use', 'detaching'] as const;

/** Statuses at rest. */
export const REST_STATUSES = [
  'available',
  'maintenance',
  'error',
  'error_deleting',
  'error_extending',
] as const;

export type VolumeStatus =
  | (typeof OPERATION_STATUSES)[number]
  | (typeof CLIENT_HELD_STATUSES)[number]
  | (typeof REST_STATUSES)[number];

export type SnapshotStatus = 'creating' | 'available' | 'deleting' | 'error' | 'error_deleting';

export type AttachmentStatus =
  'reserved' | 'attaching' | 'attached' | 'detaching' | 'error_attaching' | 'error_detaching';

/** From which statuses a volume request is allowed. What a status alone cannot tell is checked beside it. */
export const VOLUME_ALLOWED_FROM = {
  delete: ['available', 'error', 'error_deleting', 'error_extending'],
  extend: ['available'],
  extendAttached: ['available', 'in-use'],
  snapshot: ['available'],
  snapshotForced: ['available', 'in-use'],
  cloneFrom: ['available', 'in-use'],
  upload: ['available'],
  uploadForced: ['available', 'in-use'],
  updateReadonly: ['available'],
} as const satisfies Record<string, readonly VolumeStatus[]>;

export const SNAPSHOT_ALLOWED_FROM = {
  delete: ['available', 'error', 'error_deleting'],
  createVolume: ['available'],
} as const satisfies Record<string, readonly SnapshotStatus[]>;

export function isAllowed(from: readonly string[], status: string): boolean {
  return from.includes(status);
}
