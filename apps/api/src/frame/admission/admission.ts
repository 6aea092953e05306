import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiConfig } from '@scoria/config';
import { Fault, type RequestContext } from '@scoria/domain';
import { count, registerObservable, type Logger } from '@scoria/telemetry';
import { pathOf } from '../path-of.js';
import { PROBE_PATHS } from '../public-paths.js';
import { OWN_PREFIX } from '../resource.decorator.js';
import { ProjectSlots, type NoSlot } from './project-slots.js';
import { RefusalLog } from './refusal-log.js';
import { RefusedTokens } from './refused-tokens.js';
import { TokenBuckets } from './token-buckets.js';

/** Why a request was not served; a label of `scoria_http_requests_refused`. */
export type Refusal = 'in_flight' | 'event_loop' | 'database' | 'project_in_flight' | 'project_rate';

export interface AdmissionOptions {
  config: Pick<ApiConfig, 'maxInFlight' | 'projectShare' | 'rateLimit'>;
  /** What makes the process refuse although fewer than `maxInFlight` are served; undefined: nothing. */
  strain: () => Extract<Refusal, 'event_loop' | 'database'> | undefined;
  logger: Pick<Logger, 'warn'>;
}

/** Seconds: what is in flight is answered or given up within a moment. */
const RETRY_AFTER = 1;

const tooManyRequests = (retryAfter: number): Fault =>
  new Fault('tooManyRequests', 'This request was rate-limited.', { retryAfter });

/** Made once: an error's stack is a good part of what a refusal costs. */
const TOO_MANY = tooManyRequests(RETRY_AFTER);
const UNAVAILABLE = new Fault('unavailable', 'Too many requests are being served. Try again later.', {
  retryAfter: RETRY_AFTER,
});

/** Below this part of `maxInFlight`, what strains the process is not its requests: refusing them would not help. */
const STRAIN_FROM = 1 / 4;

/**
 * Bounds what is served at once, by all and by each project. What does not fit is refused at once: a queue would only make
 * every answer late, and late answers are wasted work.
 *
 * In two places: `enter` before anything is known of a request, not even its caller, since a refusal must cost next to
 * nothing; `enterProject` as soon as the caller is known, before the body is read. What `enterProject` refuses, `enter`
 * refuses from then on by the token, as long as there is no room for its project.
 */
export class Admission implements Disposable {
  private inFlight = 0;
  /** Of Scoria's own routes, while their callers are not known yet. */
  private unknown = 0;
  /** How each of both stops to count. */
  private readonly entered = new WeakMap<ServerResponse, () => void>();
  /** Of Cinder's routes, and of Scoria's own: some of these stay open for hours, and must not take room from the others. */
  private readonly slots: ProjectSlots;
  private readonly ownSlots: ProjectSlots;
  private readonly buckets: TokenBuckets | undefined;
  /** Of Cinder's routes. */
  private readonly refusedTokens = new RefusedTokens();
  private readonly log: RefusalLog;
  private readonly endMetric: () => void;

  constructor(private readonly options: AdmissionOptions) {
    const { maxInFlight, projectShare, rateLimit } = options.config;
    this.slots = new ProjectSlots(maxInFlight, projectShare);
    this.ownSlots = new ProjectSlots(maxInFlight, projectShare);
    this.buckets = rateLimit && new TokenBuckets(rateLimit);
    this.log = new RefusalLog(options.logger);
    this.endMetric = registerObservable('scoria_http_requests_in_flight', () => [
      { value: this.inFlight, labels: {} },
    ]);
  }

  [Symbol.dispose](): void {
    this.endMetric();
  }

  /**
   * Probes are always served. Scoria's own routes have room of their own, so that operators get through whatever the
   * tenants do.
   *
   * @returns how the request is refused, or undefined when it is served; it then counts until its answer is sent or its
   * client gone
   */
  enter(request: IncomingMessage, response: ServerResponse): Fault | undefined {
    const path = pathOf(request.url ?? '');
    if (PROBE_PATHS.has(path)) return undefined;
    if (path.startsWith(OWN_PREFIX)) return this.enterOwn(response);
    const refusal = this.inFlight >= this.options.config.maxInFlight ? 'in_flight' : this.strain();
    if (refusal) return this.unavailable(refusal);
    const again = this.refuseAgain(request.headers['x-auth-token']);
    if (again) return again;
    this.inFlight++;
    this.hold(response, () => this.inFlight--);
    return undefined;
  }

  /**
   * Once the caller is known. An administrator on Scoria's own routes is never refused.
   *
   * @param token what the caller showed
   * @returns gives the place back before the answer has ended, for one that lasts
   * @throws Fault `tooManyRequests` when the project is beyond its share or its rate, `unavailable` when nothing is left
   */
  enterProject(
    { projectId, isAdmin }: RequestContext,
    token: string | undefined,
    path: string,
    response: ServerResponse,
  ): () => void {
    const own = path.startsWith(OWN_PREFIX);
    const leaveEntrance = this.entered.get(response) ?? (() => {});
    if (own) leaveEntrance();
    if (isAdmin && own) return () => {};
    // The client has gone while its token was being checked: nothing would ever give the slot back.
    if (response.closed) return () => {};
    const slots = own ? this.ownSlots : this.slots;
    const waitSeconds = this.buckets?.take(projectId) ?? 0;
    const slot = waitSeconds > 0 ? undefined : slots.take(projectId);
    if (slot !== 'taken') {
      if (token !== undefined && !own) this.refusedTokens.remember(token, projectId);
      throw this.refusalOf(waitSeconds, slot);
    }
    let inside = true;
    const leave = (): void => {
      if (inside) slots.leave(projectId);
      inside = false;
      // A path such as /%73coria/v1 comes in as one of Cinder's, and is Scoria's to the router.
      leaveEntrance();
    };
    response.once('close', leave);
    return leave;
  }

  /** For a token that was refused before, and would be again. */
  private refuseAgain(token: string | string[] | undefined): Fault | undefined {
    const projectId = typeof token === 'string' ? this.refusedTokens.projectOf(token) : undefined;
    if (projectId === undefined) return undefined;
    const waitSeconds = this.buckets?.wait(projectId) ?? 0;
    const lack = this.slots.lacks(projectId);
    if (waitSeconds > 0 || lack) return this.refusalOf(waitSeconds, lack);
    this.refusedTokens.forget(token as string);
    return undefined;
  }

  private enterOwn(response: ServerResponse): Fault | undefined {
    if (this.unknown >= this.options.config.maxInFlight) return this.unavailable('in_flight');
    this.unknown++;
    this.hold(response, () => this.unknown--);
    return undefined;
  }

  /** Until somebody calls what `entered` has for it. Closed comes last and always: after the answer, and when the client has gone. */
  private hold(response: ServerResponse, giveBack: () => void): void {
    const leave = (): void => {
      if (this.entered.delete(response)) giveBack();
    };
    this.entered.set(response, leave);
    response.once('close', leave);
  }

  private refusalOf(waitSeconds: number, lack: NoSlot | undefined): Fault {
    if (waitSeconds > 0) return this.tooMany('project_rate', Math.ceil(waitSeconds));
    return lack === 'full' ? this.unavailable('in_flight') : this.tooMany('project_in_flight', RETRY_AFTER);
  }

  private strain(): Refusal | undefined {
    return this.inFlight < this.options.config.maxInFlight * STRAIN_FROM ? undefined : this.options.strain();
  }

  private unavailable(reason: Refusal): Fault {
    this.note(reason);
    return UNAVAILABLE;
  }

  private tooMany(reason: Refusal, retryAfter: number): Fault {
    this.note(reason);
    return retryAfter === RETRY_AFTER ? TOO_MANY : tooManyRequests(retryAfter);
  }

  private note(reason: Refusal): void {
    count('scoria_http_requests_refused', { reason });
    this.log.note(reason);
  }
}
