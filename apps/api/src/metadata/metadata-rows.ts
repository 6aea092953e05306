import { createHash } from 'node:crypto';
import { Fault, MAX_METADATA_ITEMS } from '@scoria/domain';
import { readMetadata, type MetadataTable, type NewEvent, type Tx } from '@scoria/store';
import type { Call } from '../frame/call.js';
import type { ApiDeps } from '../frame/deps.js';
import type { Mutations } from '../mutations/mutations.js';
import { Field } from '../validation/field.js';
import { readBody } from '../validation/read-body.js';
import { metadata } from '../validation/rules.js';

type Items = Record<string, string>;

export interface MetadataOf {
  table: MetadataTable;
  /** E.g. `Volume`. */
  kind: string;
  /** Locks the row; throws when its status does not allow a change. */
  lock(tx: Tx, id: string, projectId: string | null): Promise<{ projectId: string; metadata: Items }>;
  change(tx: Tx, id: string, changes: { metadata: Items }): Promise<void>;
  /** Type of the event that tells of a change. */
  event: NewEvent['type'];
  /** Whether clients may ask for and match an entity tag. */
  etag(call: Call): boolean;
}

class MetadataBody {
  @Field(metadata(), { required: true })
  metadata!: Items;
}

class MetaBody {
  @Field(metadata(), { required: true })
  meta!: Items;
}

/** `…/{id}/metadata` of volumes and snapshots (cinder-map §1.1, §8.4). */
export class MetadataRows {
  constructor(
    private readonly deps: ApiDeps,
    private readonly mutations: Mutations,
    private readonly of: MetadataOf,
  ) {}

  async list(call: Call): Promise<object> {
    const items = await this.read(call);
    if (this.of.etag(call)) call.respondWith(200, { etag: etagOf(items) });
    return { metadata: items };
  }

  async one(call: Call): Promise<object> {
    const key = call.param('key');
    return { meta: { [key]: valueOf(await this.read(call), key) } };
  }

  merge(call: Call): Promise<string | undefined> {
    const { metadata: added } = readBody(call, null, MetadataBody);
    return this.write(call, (items) => ({ ...items, ...added }));
  }

  replace(call: Call): Promise<string | undefined> {
    const { metadata: items } = readBody(call, null, MetadataBody);
    return this.write(call, (before) => {
      this.refuseChanged(call, before);
      return items;
    });
  }

  setOne(call: Call): Promise<string | undefined> {
    const { meta } = readBody(call, null, MetaBody);
    const key = call.param('key');
    if (Object.keys(meta).length !== 1) throw new Fault('badRequest', 'Request body contains too many items');
    if (!Object.hasOwn(meta, key)) throw new Fault('badRequest', 'Request body and URI mismatch');
    return this.write(
      call,
      (before) => {
        this.refuseChanged(call, before);
        return { ...before, ...meta };
      },
      () => ({ meta }),
    );
  }

  removeOne(call: Call): Promise<string | undefined> {
    const key = call.param('key');
    return this.write(
      call,
      (items) => {
        valueOf(items, key);
        return Object.fromEntries(Object.entries(items).filter(([name]) => name !== key));
      },
      () => undefined,
    );
  }

  private read(call: Call): Promise<Items> {
    return readMetadata(this.deps.database, this.of.table, call.uuid('id', this.of.kind), call.scope);
  }

  /** The tag is of all of a row's metadata, also where one key is set. A merge and a removal ask for none (Cinder behaviour). */
  private refuseChanged(call: Call, before: Items): void {
    const wanted = this.of.etag(call) ? call.header('if-match') : undefined;
    if (wanted !== undefined && !matches(wanted, etagOf(before))) {
      throw new Fault('preconditionFailed', 'The metadata has changed since it was read.');
    }
  }

  private write(
    call: Call,
    change: (before: Items) => Items,
    answer: (after: Items) => object | undefined = (after) => ({ metadata: after }),
  ): Promise<string | undefined> {
    const id = call.uuid('id', this.of.kind);
    return this.mutations.mutate(call, async (tx) => {
      const row = await this.of.lock(tx, id, call.scope);
      const items = change(row.metadata);
      refuseGrowth(row.metadata, items);
      await this.of.change(tx, id, { metadata: items });
      const body = answer(items);
      const payload = { changed: ['metadata'] };
      return {
        status: 200,
        ...(body ? { body } : {}),
        events: [{ type: this.of.event, resourceId: id, projectId: row.projectId, payload }],
      };
    });
  }
}

/** What has too many already may lose some. */
function refuseGrowth(before: Items, after: Items): void {
  const count = Object.keys(after).length;
  if (count > MAX_METADATA_ITEMS && count >= Object.keys(before).length) {
    throw new Fault('badRequest', `More than ${MAX_METADATA_ITEMS} metadata items are not allowed.`);
  }
}

function valueOf(items: Items, key: string): string {
  const value = Object.hasOwn(items, key) ? items[key] : undefined;
  if (value === undefined) throw new Fault('notFound', `Metadata item was not found: ${key.slice(0, 255)}`);
  return value;
}

/** The order of keys does not matter. */
function etagOf(items: Items): string {
  const sorted = Object.fromEntries(Object.entries(items).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `"${createHash('md5')
    .update(JSON.stringify({ metadata: sorted }))
    .digest('hex')}"`;
}

const matches = (wanted: string, etag: string): boolean =>
  wanted.trim() === '*' ||
  wanted.split(',').some((tag) => tag.trim().replace(/^"?(.*?)"?$/, '"$1"') === etag);
