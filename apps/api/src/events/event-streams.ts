import { Inject, Injectable } from '@nestjs/common';
import { Fault, describeError } from '@scoria/domain';
import { feedEnds, decodeCursor, type EventCursor } from '@scoria/store';
import { count, registerObservable } from '@scoria/telemetry';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { placeOf, type EventWish } from './event-query.js';
import { EventStream } from './event-stream.js';

/** Seconds after which a refused client may come again. */
const RETRY_AFTER = 10;

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies (nginx) are asked not to collect the answer first.
  'x-accel-buffering': 'no',
  // When it ends, the client connects again, to whichever gateway the load balancer chooses.
  connection: 'close',
};

/** The streams that this gateway serves. They are bounded on their own: none takes a place of the requests in flight. */
@Injectable()
export class EventStreams {
  private readonly byProject = new Map<string, number>();
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly endMetric: () => void;

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {
    this.endMetric = registerObservable('scoria_event_streams', () => [
      { value: this.running.size, labels: {} },
    ]);
  }

  /**
   * Answers with a stream, and returns when it has ended.
   *
   * @throws Fault `tooManyRequests` beyond the limits, `gone` for a cursor that is too old, `unavailable` when stopping
   */
  async serve(call: Call, wish: EventWish): Promise<void> {
    const leave = this.take(call.context.projectId);
    try {
      const stream = await this.open(call, wish);
      const running = stream.run(call.beginStream(HEADERS), this.stopping.signal).then((reason) => {
        count('scoria_event_streams_ended', { reason });
      });
      this.running.add(running);
      await running.finally(() => this.running.delete(running));
    } finally {
      leave();
    }
  }

  /** Ends all streams, cleanly: clients go on elsewhere from the last event they got. */
  async close(): Promise<void> {
    this.stopping.abort();
    this.endMetric();
    await Promise.allSettled(this.running);
  }

  /** What can be refused is refused before the first byte. */
  private async open(call: Call, wish: EventWish): Promise<EventStream> {
    const { config, events, logger } = this.deps;
    const { streamSeconds, heartbeatSeconds, slowClientSeconds } = config.events;
    const after = await this.startOf(call, wish);
    await events.read({ after, limit: 0, filter: wish.filter });
    const tokenMs = (call.expiresAt?.getTime() ?? Infinity) - Date.now();
    return new EventStream(events, {
      after,
      filter: wish.filter,
      lifetimeMs: Math.min(streamSeconds * 1000, Math.max(tokenMs, 0)),
      heartbeatMs: heartbeatSeconds * 1000,
      slowMs: slowClientSeconds * 1000,
      onError: (cause) =>
        logger.warn({ cause: describeError(cause) }, 'a stream of events could not be read on'),
    });
  }

  /** A client that comes again says so by the header, whatever its URL says; a new one starts with what comes next. */
  private async startOf(call: Call, { after }: EventWish): Promise<EventCursor> {
    const last = call.header('last-event-id');
    if (last !== undefined && last !== '') return decodeCursor(last);
    const { database } = this.deps;
    return after === undefined ? (await feedEnds(database)).newest : placeOf(database, after);
  }

  private take(projectId: string): () => void {
    if (this.stopping.signal.aborted) {
      throw new Fault('unavailable', 'This gateway is stopping.', { retryAfter: 1 });
    }
    const { maxStreams, maxStreamsPerProject } = this.deps.config.events;
    const taken = this.byProject.get(projectId) ?? 0;
    const all = [...this.byProject.values()].reduce((sum, streams) => sum + streams, 0);
    if (all >= maxStreams || taken >= maxStreamsPerProject) {
      count('scoria_event_streams_refused', { limit: all >= maxStreams ? 'process' : 'project' });
      throw new Fault('tooManyRequests', 'Too many streams of events are open.', { retryAfter: RETRY_AFTER });
    }
    this.byProject.set(projectId, taken + 1);
    return () => {
      const left = this.byProject.get(projectId)! - 1;
      if (left === 0) this.byProject.delete(projectId);
      else this.byProject.set(projectId, left);
    };
  }
}
