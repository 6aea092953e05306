import { randomUUID } from 'node:crypto';
import { pause } from '../field/until.js';

export interface Answer<Body = unknown> {
  status: number;
  body: Body;
  /** The idempotency key of a change. */
  key: string;
  requestId: string;
}

export interface Patience {
  /** Raised when the run is over, and nobody waits for answers any more. */
  signal?: AbortSignal;
  /** Milliseconds after which a request without a definite answer is given up. */
  limitMs?: number;
}

/** What clients saw, for the report. */
export interface Seen {
  /** Answers by their status, and `none` for what broke. */
  counts: Map<string, number>;
  /** Answers that are right only for a reason: every one above 499 but 503 with `Retry-After`. */
  failures: Failure[];
}

/** A request that a server has failed to answer as it should. */
export interface Failure {
  status: number;
  method: string;
  path: string;
  /** The volume or the attachment that it was about, as far as its path or its body tells. */
  about: string | undefined;
  /** Empty when it changes nothing. What is asked for again under the same key is the same request. */
  key: string;
  requestId: string;
}

/** One try of a request. */
const TRY_LIMIT_MS = 20_000;
const PAUSE_MS = 150;
/** Seconds of `Retry-After` that are waited at most. */
const MOST_RETRY_AFTER = 5;
/** A 500 may be the answer of an operation that has failed; asked again, it stays the same. */
const MOST_500S = 5;
const PATIENCE_MS = 180_000;

/**
 * A client as one wishes for: every change carries an idempotency key and is asked for again under the same key, at
 * the next gateway, until there is a definite answer.
 */
export class PatientClient {
  private turn: number;

  constructor(
    private readonly urls: readonly string[],
    readonly project: string,
    private readonly seen: Seen,
    firstUrl = 0,
  ) {
    this.turn = firstUrl;
  }

  get<Body>(path: string, patience?: Patience): Promise<Answer<Body>> {
    return this.request('GET', path, undefined, patience);
  }

  /** @throws Error when no gateway has given a definite answer within the patience */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: object,
    { signal, limitMs = PATIENCE_MS }: Patience = {},
    key: string = randomUUID(),
  ): Promise<Answer<Body>> {
    const end = performance.now() + limitMs;
    let last = 'nothing';
    for (let failures = 0; performance.now() < end && !signal?.aborted; this.turn++) {
      try {
        const { answer, waitMs } = await this.once<Body>(method, path, key, body);
        if (waitMs === undefined) return answer;
        last = `${answer.status} ${JSON.stringify(answer.body)}`;
        if (answer.status === 500 && ++failures >= MOST_500S) return answer;
        await pause(waitMs, signal);
      } catch (error) {
        this.note('none');
        last = String((error as Error).cause ?? error);
        await pause(PAUSE_MS, signal);
      }
    }
    throw new NoAnswer(`${method} ${path}: no definite answer, last: ${last}`);
  }

  private async once<Body>(
    method: string,
    path: string,
    key: string,
    body?: object,
  ): Promise<{ answer: Answer<Body>; waitMs: number | undefined }> {
    const response = await fetch(`${this.urls[this.turn % this.urls.length]}/v3/${this.project}${path}`, {
      method,
      headers: {
        'x-auth-token': `tester:${this.project}`,
        'content-type': 'application/json',
        'openstack-api-version': 'volume 3.71',
        ...(method === 'GET' ? {} : { 'idempotency-key': key }),
      },
      signal: AbortSignal.timeout(TRY_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status, headers } = response;
    const answer = {
      status,
      key,
      requestId: headers.get('x-openstack-request-id') ?? '',
      body: (text === '' ? undefined : JSON.parse(text)) as Body,
    };
    this.note(String(status));
    const retryAfter = headers.get('retry-after');
    if (status >= 500 && !(status === 503 && retryAfter !== null)) {
      const changeKey = method === 'GET' ? '' : key;
      const { requestId } = answer;
      this.seen.failures.push({
        status,
        method,
        path,
        about: aboutOf(path, body),
        key: changeKey,
        requestId,
      });
    }
    return { answer, waitMs: waitAfter(status, retryAfter) };
  }

  private note(what: string): void {
    this.seen.counts.set(what, (this.seen.counts.get(what) ?? 0) + 1);
  }
}

export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** The volume of an attachment that is asked for, or what the path names. */
function aboutOf(path: string, body: object | undefined): string | undefined {
  const { attachment } = (body ?? {}) as { attachment?: { volume_uuid?: string } };
  return attachment?.volume_uuid ?? /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(path)?.[0];
}

/** Milliseconds to wait before the same is asked again; undefined for a definite answer. */
function waitAfter(status: number, retryAfter: string | null): number | undefined {
  const again = status >= 500 || status === 429 || (status === 409 && retryAfter !== null);
  if (!again) return undefined;
  return retryAfter === null
    ? PAUSE_MS
    : Math.min(Number(retryAfter) || 0, MOST_RETRY_AFTER) * 1000 + PAUSE_MS;
}
