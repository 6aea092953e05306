import { Fault } from '@scoria/domain';
import { count, registerObservable } from '@scoria/telemetry';
import type { FastifyReply } from 'fastify';

/**
 * Bounds the requests that are served at once. Further ones are refused at once: a queue would only make every answer
 * late, and late answers are wasted work.
 */
export class Admission {
  private inFlight = 0;

  constructor(private readonly limit: number) {
    registerObservable('scoria_http_requests_in_flight', () => [{ value: this.inFlight, labels: {} }]);
  }

  /**
   * Takes a place until the answer ends, or until the returned function gives it back.
   *
   * @throws Fault `unavailable` when the limit is reached
   */
  admit(reply: FastifyReply): () => void {
    if (this.inFlight >= this.limit) {
      count('scoria_http_requests_refused', {});
      throw new Fault('unavailable', 'Too many requests are being served. Try again later.', {
        retryAfter: 1,
      });
    }
    this.inFlight++;
    let inside = true;
    const leave = (): void => {
      if (inside) this.inFlight--;
      inside = false;
    };
    // Closed comes last and always: after the answer, and when the client has gone away.
    reply.raw.once('close', leave);
    return leave;
  }
}
