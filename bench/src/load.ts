import { Pool } from 'undici';

export interface LoadResult {
  requests: number;
  seconds: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
}

export interface LoadOptions {
  /** Requests in flight. */
  concurrency: number;
  requests: number;
}

/** Calls `once` until so many requests are done, so many at a time. */
export async function load(
  once: (index: number) => Promise<void>,
  { concurrency, requests }: LoadOptions,
): Promise<LoadResult> {
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < requests) {
        const index = next++;
        const start = performance.now();
        await once(index);
        times.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
  return { requests, seconds, p50: at(0.5), p99: at(0.99) };
}

const HEADERS = { 'x-auth-token': 'bench:bench', 'openstack-api-version': 'volume 3.71' };

/** A client of one server, with as many connections as requests in flight. */
export class Client implements AsyncDisposable {
  private readonly pool: Pool;

  constructor(origin: string, connections: number) {
    this.pool = new Pool(origin, { connections, pipelining: 1 });
  }

  /** Throws unless the answer is a 2xx. */
  async request(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<string> {
    const answer = await this.pool.request({
      method,
      path,
      headers: { ...HEADERS, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool.close();
  }
}
