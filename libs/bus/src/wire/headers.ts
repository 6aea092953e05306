/** The headers that every message of the bus carries, beside `traceparent` and `tracestate`. */
export const HEADER = {
  contract: 'scoria-contract',
  version: 'scoria-version',
  requestId: 'scoria-request-id',
  /** ISO 8601, absolute; calls only. */
  deadline: 'scoria-deadline',
  /** Replies only: how the call ended. */
  outcome: 'scoria-outcome',
  /** Dead letters only: why, and the queue it was taken from. */
  deadReason: 'scoria-dead-reason',
  deadDetail: 'scoria-dead-detail',
  deadQueue: 'scoria-dead-queue',
} as const;

/** Header values that others wrote; only text counts. */
export type Headers = Readonly<Record<string, unknown>>;

/** The text of a header, or undefined when it is missing or not text. */
export function textHeader(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Only the text, each at most 1,000 characters: what others wrote may be of any type and size. */
export function textHeaders(headers: Headers): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers).slice(0, 50)) {
    if (typeof value === 'string') texts[name] = value.slice(0, 1_000);
  }
  return texts;
}
