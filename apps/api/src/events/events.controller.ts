import { Get, Inject, Res } from '@nestjs/common';
import { encodeCursor, type EventCursor } from '@scoria/store';
import type { FastifyReply } from 'fastify';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { OwnResource } from '../frame/resource.decorator.js';
import { placeOf, readEventWish, type EventWish } from './event-query.js';
import { EventStreams } from './event-streams.js';

/** `/scoria/v1/events`: what happened, as pages or as a stream (docs/events.md). */
@OwnResource('events')
export class EventsController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  @Get()
  async read(@TheCall() call: Call, @Res() reply: FastifyReply): Promise<void> {
    const wish = readEventWish(call, this.deps.config.api.maxLimit);
    if (wantsStream(call)) await this.streams.serve(call, wish);
    else await reply.send(await this.page(call, wish));
  }

  private async page(call: Call, { after = 'oldest', limit, filter }: EventWish): Promise<string> {
    const { database, events } = this.deps;
    const page = await events.read({ after: await placeOf(database, after), limit, filter });
    const items = page.events.map(({ json }) => json).join(',');
    const links = page.more
      ? `,"events_links":${JSON.stringify([{ rel: 'next', href: nextLink(call, page.next) }])}`
      : '';
    return `{"events":[${items}],"next":"${encodeCursor(page.next)}"${links}}`;
  }
}

const wantsStream = (call: Call): boolean =>
  (call.header('accept') ?? '').split(',').some((part) => part.trim().startsWith('text/event-stream'));

function nextLink(call: Call, next: EventCursor): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(call.query)) {
    for (const item of Array.isArray(value) ? value : [value]) parameters.append(key, item);
  }
  parameters.set('after', encodeCursor(next));
  return `${call.linkBase}${call.path}?${parameters.toString()}`;
}
