/** What an event is about. */
export type EventResource = 'volume' | 'snapshot' | 'attachment' | 'volume_type' | 'quota' | 'webhook';

/**
 * Changes that are not operations. An operation of kind `k` has `k.start` when it is accepted and `k.end` or `k.error` when
 * it has ended; those are not listed here, except `END_WITHOUT_OPERATION`.
 */
export const CHANGE_EVENTS = {
  'volume.update': 'Name, description, metadata, image metadata or a flag was changed.',
  'volume.reset_status': 'An administrator set the status.',
  'volume.reserve': 'A client holds the volume to attach it.',
  'volume.unreserve': 'The hold ended without an attachment.',
  'volume.begin_detaching': 'A client holds the volume to detach it.',
  'volume.roll_detaching': 'The hold ended, and the volume stays attached.',
  'snapshot.update': 'Name, description or metadata was changed.',
  'snapshot.reset_status': 'An administrator set the status.',
  'attachment.create': 'The volume was reserved for somebody.',
  'attachment.attach': 'The client uses the volume.',
  'attachment.detach': 'The client uses the volume no more; its export stays for others of its host.',
  'volume_type.create': 'A type was made.',
  'volume_type.update': 'Name, description, visibility or extra specs were changed.',
  'volume_type.delete': 'A type was removed.',
  'volume_type.access': 'A project was given access to a type, or lost it.',
  'quota.update': 'A project’s limits were set.',
  'quota.reset': 'A project’s limits are those of the default class again.',
  'quota.class_update': 'Limits of a quota class were set.',
  'webhook.test': 'Somebody asked for a test. Delivered to that webhook alone.',
  'webhook.disable': 'A webhook failed for too long, or its receiver has gone.',
} as const;

/** Operations that had nothing to do: the row was all there was. */
export type EndWithoutOperation = 'volume.delete.end' | 'attachment.disconnect.end';

export type ChangeEvent = keyof typeof CHANGE_EVENTS | EndWithoutOperation;

/** The only type that is not for everybody who may see its resource. */
export const WEBHOOK_TEST = 'webhook.test' satisfies ChangeEvent;
