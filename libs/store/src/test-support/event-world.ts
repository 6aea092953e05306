import { randomUUID } from 'node:crypto';
import { waitFor } from '@scoria/testing';
import type { Tx } from '../database.js';
import { recordEvents } from '../events/record-events.js';
import { FIRST, type EventCursor } from '../events/event-cursor.js';
import { heldBackSeconds, readEvents, type EventPage } from '../events/read-events.js';
import { HazardWorld } from './hazard-world.js';

/** Somebody's session: a transaction that is open for as long as the test wants. */
export interface OpenTransaction {
  tx: Tx;
  commit(): Promise<void>;
}

/** Writes and reads events of a project. */
export class EventWorld implements AsyncDisposable {
  private constructor(readonly hazards: HazardWorld) {}

  static async open(): Promise<EventWorld> {
    return new EventWorld(await HazardWorld.open());
  }

  get database(): HazardWorld['database'] {
    return this.hazards.database;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.hazards[Symbol.asyncDispose]();
  }

  /** An event that carries `name`, in the transaction. */
  async write(name: string, tx?: Tx, projectId = 'p'): Promise<void> {
    const work = (within: Tx): Promise<void> =>
      recordEvents(
        within,
        [
          {
            type: 'volume.update',
            resourceId: randomUUID(),
            projectId,
            payload: { name },
          },
        ],
        'req-1',
      );
    await (tx ? work(tx) : this.database.transaction(work));
  }

  async begin(): Promise<OpenTransaction> {
    const begun = Promise.withResolvers<Tx>();
    const end = Promise.withResolvers<void>();
    const done = this.database.transaction(async (tx) => {
      begun.resolve(tx);
      await end.promise;
    });
    done.catch(begun.reject);
    return {
      tx: await begun.promise,
      async commit() {
        end.resolve();
        await done;
      },
    };
  }

  /** What can be read once nothing that is committed waits: tests in other databases of the server write too. */
  async read(after: EventCursor = FIRST, limit = 100): Promise<EventPage> {
    await waitFor(() => heldBackSeconds(this.database), { until: (seconds) => seconds === 0 });
    return this.readNow(after, limit);
  }

  readNow(after: EventCursor = FIRST, limit = 100): Promise<EventPage> {
    return readEvents(this.database, { after, limit, filter: { projectId: 'p', types: [] } });
  }
}

export const namesOf = ({ events }: Pick<EventPage, 'events'>): string[] =>
  events.map(({ json }) => (JSON.parse(json) as { payload: { name: string } }).payload.name);
