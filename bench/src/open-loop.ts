import { Pool } from 'undici';

/** More than are ever open at once, or the load would wait in the client and not be seen; fewer than a listen queue holds. */
const CONNECTIONS = 400;

const TICK_MS = 5;

export interface OpenLoopOptions {
  origin: string;
  /** Requests in a second, sent whether or not earlier ones have been answered. */
  rate: number;
  seconds: number;
  request: (index: number) => { method: 'GET' | 'POST'; path: string; token: string; body?: string };
}

export interface OpenLoopResult {
  sent: number;
  seconds: number;
  /** Milliseconds of each answer, in order of length. */
  served: number[];
  refused: number[];
  /** Answers that are neither: none is expected. */
  failed: number;
}

/** Sends at a fixed rate, as many clients do that know nothing of each other. */
export async function openLoop({ origin, rate, seconds, request }: OpenLoopOptions): Promise<OpenLoopResult> {
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  // Opened beforehand: what a thousand new connections at once wait for is no answer of the server's.
  await Promise.all(Array.from({ length: CONNECTIONS }, () => touch(pool)));
  const result: OpenLoopResult = { sent: 0, seconds, served: [], refused: [], failed: 0 };
  const open = new Set<Promise<void>>();
  const send = async (index: number): Promise<void> => {
    const { token, ...options } = request(index);
    const begun = performance.now();
    const answer = await pool.request({
      ...options,
      headers: {
        'x-auth-token': token,
        'openstack-api-version': 'volume 3.71',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    await answer.body.dump();
    const ms = performance.now() - begun;
    if (answer.statusCode < 300) result.served.push(ms);
    else if (answer.statusCode === 429 || answer.statusCode === 503) result.refused.push(ms);
    else result.failed++;
  };
  const begun = performance.now();
  for (let now = begun; now - begun < seconds * 1000; now = performance.now()) {
    const due = Math.floor(((now - begun) / 1000) * rate);
    while (result.sent < due) {
      const sent = send(result.sent++)
        .catch(() => void result.failed++)
        .finally(() => open.delete(sent));
      open.add(sent);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  result.seconds = (performance.now() - begun) / 1000;
  await Promise.all(open);
  await pool.destroy();
  for (const times of [result.served, result.refused]) times.sort((a, b) => a - b);
  return result;
}

async function touch(pool: Pool): Promise<void> {
  const { body } = await pool.request({ method: 'GET', path: '/live' });
  await body.dump();
}

/** Of sorted figures; 0 when there are none. */
export const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
