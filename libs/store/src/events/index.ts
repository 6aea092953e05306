export * from './event-bell.js';
export * from './event-cursor.js';
export * from './event-feed.js';
export type { EventFilter } from './event-filter.js';
export * from './forget-old-events.js';
export {
  feedEnds,
  heldBackSeconds,
  readEvents,
  type EventPage,
  type EventQuery,
  type FeedEvent,
} from './read-events.js';
export * from './record-events.js';
