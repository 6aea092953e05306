import { Fault } from '@scoria/domain';
import type { ExaminationReply, FoundSubject, StorageCheck } from '@scoria/contracts';
import { claimedAmong, expectedExports, type Database } from '@scoria/store';
import type { Backend } from './backend.js';
import { compareInventory } from './compare-inventory.js';

/** Characters of a text in an answer at most; see the contract. */
const MAX_TEXT = 300;

/** What one look has found, by a key that a second look finds again. */
type Findings = Map<string, FoundSubject & { check: StorageCheck }>;

/** Says whether storage and exports are as the database has them, when asked. Changes nothing. */
export class Examiner {
  constructor(
    private readonly backends: readonly Backend[],
    private readonly database: Database,
    /** Whether a backend is in service. */
    private readonly isUp: (backend: Backend) => boolean,
  ) {}

  /** @throws Fault `unavailable` while the backend is not up, `notFound` when it is not of this process */
  async examine(queue: string, limit: number): Promise<ExaminationReply> {
    const backend = this.backends.find((one) => one.queue === queue);
    if (!backend) throw new Fault('notFound', 'The backend is not served here.');
    if (!this.isUp(backend)) throw new Fault('unavailable', 'The backend is not up: its service says why.');
    const findings = await this.confirmed(backend);
    const byCheck = Map.groupBy(findings.values(), ({ check }) => check);
    return {
      clock: new Date().toISOString(),
      inventory: backend.driver.hasInventory,
      findings: [...byCheck].map(([check, found]) => ({
        check,
        count: found.length,
        subjects: found.slice(0, limit).map(({ subject, detail }) => ({
          subject: subject.slice(0, MAX_TEXT),
          detail: detail.slice(0, MAX_TEXT),
        })),
      })),
    };
  }

  /** What two looks have found: things come and go between the readings of one. */
  private async confirmed(backend: Backend): Promise<Findings> {
    const first = await this.look(backend);
    if (first.size === 0) return first;
    const second = await this.look(backend);
    return new Map([...second].filter(([key]) => first.has(key)));
  }

  private async look(backend: Backend): Promise<Findings> {
    const found: Findings = new Map();
    const add = (check: StorageCheck, subject: string, detail: string): void =>
      void found.set(`${check} ${subject}`, { check, subject, detail });
    if (backend.driver.hasInventory) {
      const { unknown, missing } = await compareInventory(backend, this.database);
      for (const [name, { pool, sizeGib, modifiedAt }] of unknown)
        add(
          'item-without-row',
          name,
          `${describeSize(sizeGib)} in pool ${pool}, changed ${modifiedAt.toISOString()}`,
        );
      for (const item of missing) add('row-without-item', item, 'at rest in the database');
    }
    await this.lookAtExports(backend, add);
    return found;
  }

  /** One target daemon may serve several backends: what it serves for nobody is told by the first of them. */
  private async lookAtExports(
    backend: Backend,
    add: (check: StorageCheck, subject: string, detail: string) => void,
  ): Promise<void> {
    const sharing = this.backends.filter(({ exports }) => exports === backend.exports);
    // What is served comes first, as in the reconciler: an attachment has its row before its export.
    const served = await backend.exports.list();
    const unclaimed = new Map(served.map((one) => [one.attachmentId ?? one.name, one]));
    const addresses = sharing.map(({ address }) => address);
    for await (const row of expectedExports(this.database, addresses)) {
      const one = row.exported || row.busy ? unclaimed.get(row.id) : undefined;
      if (one) unclaimed.delete(row.id);
      if (row.exported && !row.busy && !one?.complete && row.backend === backend.address)
        add('attachment-without-export', row.id, `of volume ${row.volumeId}${one ? ', served in part' : ''}`);
    }
    if (sharing[0] !== backend) return;
    const ids = [...unclaimed.values()].map(({ attachmentId }) => attachmentId);
    // Of a backend that this service does not have: the reconciler leaves them alone, too.
    const elsewhere = await claimedAmong(
      this.database,
      ids.filter((id) => id !== undefined),
    );
    for (const { attachmentId, name } of unclaimed.values()) {
      if (attachmentId === undefined) add('foreign-export', name, 'not of Scoria');
      else if (!elsewhere.has(attachmentId))
        add('export-without-attachment', attachmentId, `served as ${name}`);
    }
  }
}

const describeSize = (gib: number): string => `${Number(gib.toFixed(3))} GiB`;
