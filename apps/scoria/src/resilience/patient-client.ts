import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

export const PROJECT = 'resilience';

export interface Answer<Body = unknown> {
  status: number;
  body: Body;
}

/** A request is given up after this long. */
const PATIENCE_MS = 150_000;
/** One try of a request. */
const TRY_LIMIT_MS = 20_000;
const PAUSE_MS = 150;
/** A 500 is the answer of an operation that has failed; asked again, it stays the same. */
const MOST_500S = 5;

/**
 * A client as one wishes for: every change carries an idempotency key and is asked for again under the same key, at
 * the next gateway, until there is an answer.
 */
export class PatientClient {
  private turn = 0;

  constructor(private readonly urls: readonly string[]) {}

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.request('GET', path);
  }

  /** @throws Error when no gateway has answered for a minute */
  async request<Body = unknown>(method: string, path: string, body?: object): Promise<Answer<Body>> {
    const key = randomUUID();
    const end = performance.now() + PATIENCE_MS;
    let seen = 'nothing';
    for (let failures = 0; performance.now() < end; await delay(PAUSE_MS)) {
      try {
        const answer = await this.once<Body>(method, path, key, body);
        if (!isToBeAskedAgain(answer)) return answer;
        seen = `${answer.status} ${JSON.stringify(answer.body)}`;
        if (answer.status === 500 && ++failures >= MOST_500S) return answer;
      } catch (error) {
        seen = String(error);
      }
      this.turn++;
    }
    throw new Error(`${method} ${path}: no answer in ${PATIENCE_MS / 1000} s, last: ${seen}`);
  }

  private async once<Body>(method: string, path: string, key: string, body?: object): Promise<Answer<Body>> {
    const response = await fetch(`${this.urls[this.turn % this.urls.length]}/v3/${PROJECT}${path}`, {
      method,
      headers: {
        'x-auth-token': `tester:${PROJECT}`,
        'content-type': 'application/json',
        'openstack-api-version': 'volume 3.71',
        ...(method === 'GET' ? {} : { 'idempotency-key': key }),
      },
      signal: AbortSignal.timeout(TRY_LIMIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }
}

/** A 409 with a pause to keep says that the same request is still under way elsewhere. */
function isToBeAskedAgain({ status, body }: Answer): boolean {
  return status >= 500 || (status === 409 && JSON.stringify(body).includes('still running'));
}
