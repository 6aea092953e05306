import { randomUUID } from 'node:crypto';
import { Fault } from '@scoria/domain';
import {
  connectAttachment,
  definitionKey,
  disconnectAttachment,
  toOperationError,
  type OperationRecord,
  type Transition,
} from '@scoria/operations';
import {
  PostgresOperationStore,
  SecretBox,
  markExported,
  markUnexported,
  type Database,
  type DueOperation,
  type Tx,
} from '@scoria/store';

/** 32 bytes in base64, for `secrets.key`. */
export const SECRETS_KEY = Buffer.alloc(32, 7).toString('base64');
export const CHAP_PASSWORD = 'zaNgeEnKraftWort';

const DEFINITIONS = [connectAttachment, disconnectAttachment].map(definitionKey);

/**
 * Ends the operations of attachments as a volume service would, by the real store and its settlements, without storage.
 */
export class StorageStandIn {
  /** What connects fail with. */
  failure: Fault | undefined;
  /** While true, bells are collected instead. */
  paused = false;
  readonly collected: DueOperation[] = [];
  private readonly store: PostgresOperationStore;
  private readonly secrets = new SecretBox(Buffer.from(SECRETS_KEY, 'base64'));
  private readonly worker = { id: randomUUID(), service: 'volume', host: 'stand-in', leaseSeconds: 60 };

  constructor(private readonly database: Database) {
    this.store = new PostgresOperationStore(database);
  }

  /** Takes the place of the doorbell. */
  async ring(due: DueOperation): Promise<void> {
    if (this.paused) this.collected.push(due);
    else await this.work(due);
  }

  /** Works off what was collected while paused. */
  async resume(): Promise<void> {
    this.paused = false;
    for (const due of this.collected.splice(0)) await this.work(due);
  }

  private async work({ operationId, queue }: DueOperation): Promise<void> {
    await this.store.heartbeat(this.worker);
    const [operation] = await this.store.claim({
      worker: this.worker,
      queue,
      limit: 1,
      definitions: DEFINITIONS,
      running: [],
      slots: 1,
      share: 1,
      ids: [operationId],
    });
    if (!operation) return;
    await this.store.transition(operation, this.worker, (tx) => this.end(tx, operation));
  }

  private async end(tx: Tx, operation: OperationRecord): Promise<Extract<Transition, { to: 'end' }>> {
    if (operation.kind === disconnectAttachment.kind) await markUnexported(tx, operation.resourceId);
    else if (this.failure) {
      return { to: 'end', state: 'failed', data: {}, error: toOperationError(this.failure) };
    } else await this.export(tx, operation.resourceId);
    return { to: 'end', state: 'succeeded', data: {}, error: null };
  }

  private async export(tx: Tx, id: string): Promise<void> {
    const sealed = this.secrets.seal({ username: 'someone', password: CHAP_PASSWORD }, id);
    await markExported(tx, id, {
      driver_volume_type: 'iscsi',
      data: {
        target_iqn: `iqn.2010-10.org.openstack:${id}`,
        target_portal: '192.0.2.1:3260',
        target_lun: 1,
        auth_method: 'CHAP',
        auth_username: 'someone',
        discard: false,
      },
    });
    await tx.query('update attachments set chap = $2 where id = $1', [id, sealed]);
  }

  /** Every row of every table that mentions `text`. */
  async rowsThatMention(text: string): Promise<string[]> {
    const tables = await this.database.query<{ name: string }>(
      `select table_name as name from information_schema.tables where table_schema = 'public'`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await this.database.query<{ row: string }>(
        `select t::text as row from "${name}" t where t::text like $1`,
        [`%${text}%`],
      );
      found.push(...rows.map(({ row }) => `${name}: ${row}`));
    }
    return found;
  }
}
