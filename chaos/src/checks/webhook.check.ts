import { compareCursors, decodeCursor, encodeCursor } from '@scoria/store';
import type { Check } from './check.js';
import { endSeen, feedOf, missed } from './feed.js';

export const webhookCheck: Check = {
  name: 'every event was delivered to the webhook, signed and in order, whatever its receiver did',
  async look({ database, receiver }) {
    const since = decodeCursor(receiver.since!);
    const rows = await feedOf(database);
    const feed = rows.filter((row) => compareCursors(row, since) > 0).map(encodeCursor);
    await endSeen(feed, receiver.seen);
    return [
      // At least once: what comes again is known by its id.
      ...missed('the webhook', feed, [...new Set(receiver.seen)]),
      ...receiver.forged.map((detail) => ({ what: 'a delivery with a wrong signature', detail })),
    ];
  },
};
