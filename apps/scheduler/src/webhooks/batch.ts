import { Fault } from '@scoria/domain';
import {
  decodeCursor,
  encodeCursor,
  readEvents,
  type ClaimedWebhook,
  type Database,
  type EventCursor,
  type FeedEvent,
} from '@scoria/store';

/** Characters of one delivery's events at most; a single event is sent whatever its size. */
const MAX_LENGTH = 262_144;

export interface Batch {
  events: FeedEvent[];
  /** Everything up to here is delivered when they are. */
  next: EventCursor;
}

/** What comes next for a webhook; `removed` when some of it has been removed for its age: where what is left begins. */
export async function nextBatch(
  database: Database,
  webhook: ClaimedWebhook,
  limit: number,
): Promise<Batch | { removed: EventCursor }> {
  try {
    const { events, next } = await readEvents(database, {
      after: webhook.cursor,
      ...(webhook.until ? { until: webhook.until } : {}),
      limit,
      filter: {
        projectId: webhook.allProjects ? null : webhook.projectId,
        types: webhook.types,
        webhookId: webhook.id,
      },
    });
    const fitting = lengthwise(events);
    return fitting.length < events.length
      ? { events: fitting, next: fitting.at(-1)!.cursor }
      : { events, next };
  } catch (error) {
    if (error instanceof Fault && error.kind === 'gone' && error.members?.['oldest'] !== undefined) {
      return { removed: decodeCursor(error.members['oldest']) };
    }
    throw error;
  }
}

/** The body of a delivery, in the form that the Standard Webhooks specification recommends. */
export function bodyOf(webhookId: string, events: readonly FeedEvent[]): string {
  const { at } = events.at(-1)!;
  const items = events.map(({ json }) => json).join(',');
  return `{"type":"scoria.events","timestamp":"${at}","data":{"webhook_id":"${webhookId}","events":[${items}]}}`;
}

/** The same for each try of the same events. */
export const deliveryId = (webhookId: string, events: readonly FeedEvent[]): string =>
  `${webhookId}_${encodeCursor(events.at(-1)!.cursor)}`;

function lengthwise(events: readonly FeedEvent[]): FeedEvent[] {
  let length = 0;
  const end = events.findIndex(({ json }, index) => {
    length += json.length;
    return index > 0 && length > MAX_LENGTH;
  });
  return end < 0 ? [...events] : events.slice(0, end);
}
