import { Fault } from '@scoria/domain';
import type { Call } from '../frame/call.js';
import { assertPolicies } from '../frame/route-table.js';
import { enforce } from '../policy/enforce.js';
import { actionsOf } from './action.decorator.js';

type Handle = (call: Call, id: string, value: unknown) => unknown;

interface Entry {
  since: number;
  handle: Handle;
}

/** Actions of one collection, dispatched by the single key of the body (cinder-map §0). */
export class ActionDispatcher {
  private readonly entries = new Map<string, Entry>();

  /**
   * @param route as the policy table names it, e.g. `POST /volumes/:id/action`
   * @param kind how an absent row is named, e.g. `Volume`
   */
  constructor(
    private readonly route: string,
    private readonly kind: string,
    providers: readonly object[],
  ) {
    for (const provider of providers) {
      for (const { key, method, since } of actionsOf(provider.constructor)) {
        if (this.entries.has(key)) throw new Error(`${route}: ${key} is handled twice`);
        const handle = (provider as Record<string, Handle>)[method]!.bind(provider);
        this.entries.set(key, { since, handle });
      }
    }
    assertPolicies(this.keys.map((key) => `${route} ${key}`));
  }

  get keys(): string[] {
    return [...this.entries.keys()];
  }

  async dispatch(call: Call): Promise<unknown> {
    const [key, value] = singleEntry(call.body);
    const entry = this.entries.get(key);
    if (!entry) throw new Fault('badRequest', `There is no such action: ${key.slice(0, 64)}`);
    if (call.minor < entry.since) throw new Fault('notFound', '');
    enforce(call, `${this.route} ${key}`);
    call.respondWith(202);
    return entry.handle(call, call.uuid('id', this.kind), value);
  }
}

function singleEntry(body: unknown): [string, unknown] {
  const entries =
    typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.entries(body) : [];
  if (entries.length !== 1) {
    throw new Fault('badRequest', 'The request body must have exactly one key, which names the action.');
  }
  return entries[0]!;
}
