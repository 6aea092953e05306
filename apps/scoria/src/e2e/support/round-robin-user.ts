import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { User, type Answer } from './user.js';

/** A request is given up after this long. */
const PATIENCE_MS = 60_000;

/**
 * A tenant behind the simplest load balancer there is: the next gateway for each request, and again the next one when
 * that refuses the connection, or answers 503 and says when to come again. Nothing else is forgiven.
 */
export class RoundRobinUser extends User {
  /** How often each answer came, by status; `refused` for connections. */
  readonly answers = new Map<string, number>();

  override async request<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer<Body>> {
    const headers: Record<string, string> = method === 'GET' ? {} : { 'idempotency-key': randomUUID() };
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end;) {
      const answer = await this.once<Body>(method, path, body, headers);
      if (answer === undefined) continue;
      const { status } = answer;
      const pause = answer.headers.get('retry-after');
      if (status < 500) return answer;
      if (status !== 503 || pause === null)
        throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer.body)}`);
      await delay(Number(pause) * 1000);
    }
    throw new Error(`${method} ${path}: no answer`);
  }

  private async once<Body>(
    method: string,
    path: string,
    body: object | undefined,
    headers: Record<string, string>,
  ): Promise<Answer<Body> | undefined> {
    try {
      const answer = await super.request<Body>(method, path, body, headers);
      this.count(String(answer.status));
      return answer;
    } catch (error) {
      // Never connected: refused, or let go by a server that stopped listening before it took the connection.
      const { syscall } = ((error as Error).cause ?? {}) as { syscall?: string };
      if (syscall !== 'connect') throw new Error(`${method} ${path} was lost`, { cause: error });
      this.count('refused');
      return undefined;
    }
  }

  private count(what: string): void {
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
  }
}
