import { Fault } from '@scoria/domain';

/**
 * A position between two events of the feed: after the event that transaction `xid` wrote as `id`. `id` 0 is before all of
 * its transaction.
 */
export interface EventCursor {
  xid: number;
  id: number;
}

/** Before everything. */
export const FIRST: EventCursor = { xid: 0, id: 0 };

const FORM = /^([0-9a-f]{1,13})-([0-9a-f]{1,13})$/;

/** The same text as SQL's `CURSOR_SQL`. Opaque to clients. */
export const encodeCursor = ({ xid, id }: EventCursor): string => `${xid.toString(16)}-${id.toString(16)}`;

/** The cursor of a row, as clients see it. */
export const CURSOR_SQL = (row: string): string => `to_hex(${row}.xid) || '-' || to_hex(${row}.id)`;

/** @throws Fault `badRequest` when it is none */
export function decodeCursor(text: string): EventCursor {
  const [, xid, id] = FORM.exec(text) ?? [];
  const cursor = { xid: Number.parseInt(xid ?? '', 16), id: Number.parseInt(id ?? '', 16) };
  if (!Number.isSafeInteger(cursor.xid) || !Number.isSafeInteger(cursor.id)) {
    throw new Fault('badRequest', 'The cursor is not one that this service has given.');
  }
  return cursor;
}

/** Negative, 0 or positive, as `a` is before, at or after `b`. */
export const compareCursors = (a: EventCursor, b: EventCursor): number => a.xid - b.xid || a.id - b.id;

export const laterCursor = (a: EventCursor, b: EventCursor): EventCursor =>
  compareCursors(a, b) < 0 ? b : a;
