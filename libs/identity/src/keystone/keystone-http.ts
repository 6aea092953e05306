import { Fault } from '@scoria/domain';
import { Agent, request } from 'undici';

export interface KeystoneRequest {
  method: 'GET' | 'POST';
  /** Below `/v3`, e.g. `/auth/tokens`. */
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

export interface KeystoneResponse {
  status: number;
  /** The `X-Subject-Token` header. */
  subjectToken: string | undefined;
  /** Parsed JSON of a 2xx answer, else undefined. */
  body: unknown;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** A token with a large catalogue has some 100 kB. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const MAX_CONNECTIONS = 32;
/** Seconds after which callers may try again when Keystone is away. */
const RETRY_AFTER = 5;

/** Requests to Keystone, with limits on everything. */
export class KeystoneHttp {
  private readonly base: string;
  private readonly timeoutMs: number;
  private readonly agent: Agent;

  constructor(url: string, timeoutMs = DEFAULT_TIMEOUT_MS) {
    const trimmed = url.replace(/\/+$/, '');
    this.base = trimmed.endsWith('/v3') ? trimmed : `${trimmed}/v3`;
    this.timeoutMs = timeoutMs;
    this.agent = new Agent({
      connections: MAX_CONNECTIONS,
      connect: { timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      maxResponseSize: MAX_ANSWER_BYTES,
    });
  }

  /** @throws Fault `unavailable` when Keystone does not answer in time, answers 5xx, 429 or what is no JSON */
  async send({ method, path, headers, body }: KeystoneRequest): Promise<KeystoneResponse> {
    try {
      const response = await request(`${this.base}${path}`, {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        body: body === undefined ? null : JSON.stringify(body),
        dispatcher: this.agent,
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      const status = response.statusCode;
      const text = await response.body.text();
      if (status >= 500 || status === 429) throw new Error(`Keystone answered ${status}`);
      const token = response.headers['x-subject-token'];
      return {
        status,
        subjectToken: Array.isArray(token) ? token[0] : token,
        body: status < 300 ? (JSON.parse(text) as unknown) : undefined,
      };
    } catch (cause) {
      throw keystoneAway(cause);
    }
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}

/** What a caller is told when we cannot ask Keystone, for whatever reason: it is no fault of its token. */
export function keystoneAway(cause: unknown): Fault {
  return new Fault('unavailable', 'The identity service is not available.', {
    cause,
    retryAfter: RETRY_AFTER,
  });
}
