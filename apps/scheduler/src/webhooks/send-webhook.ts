import { request, type Dispatcher } from 'undici';
import { AddressRefused } from './guarded-agent.js';

export interface WebhookRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  dispatcher: Dispatcher;
  timeoutMs: number;
  /** Ends the request when this process stops. */
  signal: AbortSignal;
}

export interface WebhookOutcome {
  outcome: 'delivered' | 'failed' | 'refused';
  /** For the tenant; empty when delivered. */
  error: string;
  /** Whether the receiver wants no more (410). */
  gone: boolean;
}

/** Of an answer's body, which says nothing: read so that the connection can be used again, cut off beyond. */
const MAX_ANSWER_BYTES = 16_384;
const ANSWER_MS = 1000;

/** One POST. Any 2xx is success, whatever its body; redirects are not followed. Never throws. */
export async function sendWebhook(wish: WebhookRequest): Promise<WebhookOutcome> {
  const { url, headers, body, dispatcher, timeoutMs, signal } = wish;
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'scoria-webhooks/1', ...headers },
      body,
      dispatcher,
      headersTimeout: timeoutMs,
      bodyTimeout: ANSWER_MS,
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), signal]),
    });
    await answer.body
      .dump({ limit: MAX_ANSWER_BYTES, signal: AbortSignal.timeout(ANSWER_MS) })
      .catch(() => answer.body.destroy());
    return outcomeOf(answer.statusCode);
  } catch (error) {
    if (isRefused(error)) {
      return { outcome: 'refused', error: 'The URL leads to an address that is not public.', gone: false };
    }
    return { outcome: 'failed', error: reasonOf(error, timeoutMs), gone: false };
  }
}

function outcomeOf(status: number): WebhookOutcome {
  if (status >= 200 && status < 300) return { outcome: 'delivered', error: '', gone: false };
  const hint = status >= 300 && status < 400 ? ', and redirects are not followed' : '';
  return { outcome: 'failed', error: `The receiver answered ${status}${hint}.`, gone: status === 410 };
}

function isRefused(error: unknown): boolean {
  if (error instanceof AddressRefused) return true;
  if (error instanceof AggregateError) return error.errors.some(isRefused);
  return error instanceof Error && error.cause !== undefined && isRefused(error.cause);
}

/** The error's code, and nothing that names what is inside. */
function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT') {
    return `The receiver did not answer within ${timeoutMs / 1000} s.`;
  }
  return `The receiver could not be reached (${code ?? name ?? 'unknown'}).`;
}
