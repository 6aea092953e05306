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
  /** Begins no more after this moment of `performance.now()`. */
  until?: number;
}

/** Calls `once` until so many requests are done, so many at a time. */
export async function load(
  once: (index: number) => Promise<void>,
  { concurrency, requests, until = Infinity }: LoadOptions,
): Promise<LoadResult> {
  const times: number[] = [];
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < requests && performance.now() < until) {
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
  return { requests: times.length, seconds, p50: at(0.5), p99: at(0.99) };
}

const HEADERS = { 'openstack-api-version': 'volume 3.71' };

/** A client of one server, with as many connections as requests in flight. */
export class Client implements AsyncDisposable {
  private readonly pool: Pool;

  constructor(origin: string, connections: number) {
    this.pool = new Pool(origin, { connections, pipelining: 1 });
  }

  /** Throws unless the answer is a 2xx. */
  async request(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object | string,
    token = 'bench:bench',
  ): Promise<string> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const answer = await this.pool.request({
      method,
      path,
      headers: { ...HEADERS, 'x-auth-token': token, ...(text ? { 'content-type': 'application/json' } : {}) },
      ...(text ? { body: text } : {}),
    });
    const answered = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${answered}`);
    return answered;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool.close();
  }
}
