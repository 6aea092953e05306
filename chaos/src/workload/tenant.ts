import { randomUUID } from 'node:crypto';
import type { Random } from '../random.js';
import { pause } from '../field/until.js';
import { NoAnswer, type Answer, type PatientClient } from './patient-client.js';
import type { Ledger, ModelVolume, Shelf } from './model.js';

/** What became of one act. */
export interface Done {
  act: string;
  project: string;
  /** The status in which it came to rest, `gone`, `refused 413`, `no answer`, `still moving`. */
  outcome: string;
  /** When it began, in milliseconds since the epoch. */
  at: number;
  seconds: number;
  /** Ids, and what was said. */
  detail: string;
}

export interface TenantOptions {
  client: PatientClient;
  chance: Random;
  shelf: Shelf;
  ledger: Ledger;
  /** Raised when nobody waits for the end of anything any more. */
  over: AbortSignal;
}

/** What a change is for the books. */
interface Change {
  act: string;
  method: string;
  path: string;
  body?: object;
  operation?: string;
  /** Type of the event that tells of it, where it begins no operation. */
  event?: string;
  /** Of what it is about; taken from the answer when left out. */
  resourceId?: string;
}

/** Share of the accepted requests that are made again. */
const REPEATED = 0.05;
const POLL_MS = 250;
const MOVING = /^(creating|downloading|uploading|extending|deleting|detaching|attaching)$/;

/** One of a project's pairs of hands: does one thing after the other, and waits for the end of each. */
export class Tenant {
  readonly shelf: Shelf;
  readonly chance: Random;
  readonly project: string;

  constructor(private readonly options: TenantOptions) {
    this.shelf = options.shelf;
    this.chance = options.chance;
    this.project = options.client.project;
  }

  newName(): string {
    return `${this.project}-${randomUUID().slice(0, 8)}`;
  }

  /**
   * Asks for a change until it is accepted or refused.
   * @throws Refused, NoAnswer
   */
  async change<Body = unknown>({
    act,
    method,
    path,
    body,
    operation,
    event,
    resourceId,
  }: Change): Promise<Answer<Body>> {
    const { client, ledger, over } = this.options;
    const answer = await client.request<Body>(method, path, body, { signal: over });
    if (answer.status >= 300) throw new Refused(answer);
    if (this.chance.chance(REPEATED)) await this.repeat(method, path, body, answer);
    ledger.note({
      act,
      project: this.project,
      operation,
      event,
      resourceId: resourceId ?? idIn(answer.body),
      key: answer.key,
      requestId: answer.requestId,
      at: Date.now(),
    });
    return answer;
  }

  /** Says the same again under the same key, as one does whose answer was lost: it must be the same answer. */
  private async repeat(method: string, path: string, body: object | undefined, first: Answer): Promise<void> {
    const { client, over, ledger } = this.options;
    const second = await client.request(method, path, body, { signal: over }, first.key);
    const same = second.status === first.status && idIn(second.body) === idIn(first.body);
    if (!same)
      ledger.contradictions.push(
        `${method} ${path}, key ${first.key}: ${first.status} ${idIn(first.body)}, then ${second.status} ` +
          `${idIn(second.body)} (${second.requestId})`,
      );
  }

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.options.client.get<Body>(path, { signal: this.options.over });
  }

  /** The status in which it comes to rest; `gone` when there is no such thing any more. */
  async settled(kind: 'volume' | 'snapshot', id: string): Promise<string> {
    while (!this.options.over.aborted) {
      const { status, body } = await this.get<Record<string, { status: string }>>(`/${kind}s/${id}`);
      if (status === 404) return 'gone';
      const seen = status < 300 ? body[kind]!.status : 'creating';
      if (!MOVING.test(seen)) return seen;
      await pause(POLL_MS, this.options.over);
    }
    return 'still moving';
  }

  /** Nobody else touches the volume while `work` runs. What breaks leaves it for removal only. */
  async alone<T>(volume: ModelVolume, work: () => Promise<T>): Promise<T> {
    volume.busy = true;
    try {
      return await work();
    } catch (error) {
      if (error instanceof NoAnswer) volume.wrecked = true;
      throw error;
    } finally {
      volume.busy = false;
    }
  }
}

/** Answered with a 4xx. */
export class Refused extends Error {
  override name = 'Refused';

  constructor(readonly answer: Answer) {
    super(`${answer.status} ${JSON.stringify(answer.body)} (${answer.requestId})`);
  }
}

function idIn(body: unknown): string {
  const [resource] = Object.values((body ?? {}) as Record<string, { id?: string }>);
  return resource?.id ?? '';
}
