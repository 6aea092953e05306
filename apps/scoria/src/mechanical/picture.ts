import type { World } from './world.js';

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

/** Everything that an operation may change, with names in place of ids, so that two runs can be compared. */
export interface Picture {
  volumes: object[];
  snapshots: object[];
  attachments: object[];
  usages: object[];
  claims: object[];
  holds: number;
  files: string[];
  exports: string[];
  images: string[];
}

/** Takes pictures of a world. Remembers every id it has seen, so that what outlives its row still has a name. */
export class Photographer {
  private readonly names = new Map<string, string>();

  constructor(private readonly world: World) {}

  async take(): Promise<Picture> {
    await this.learn();
    const { database } = this.world;
    const { files, exports, images } = await this.world.storage();
    const [holds] = await database.query<{ count: number }>(
      'select count(*)::int as count from operation_holds',
    );
    return {
      volumes: await database.query(
        `select name, status, attach_status, size, pending_size, pool, bootable, operation_id, hold from volumes order by name`,
      ),
      snapshots: await database.query(
        'select name, status, volume_size, operation_id from snapshots order by name',
      ),
      attachments: await database.query(
        `select v.name, a.status, a.mode, a.exported, a.operation_id, a.chap is not null as has_chap,
                a.connector->>'initiator' as initiator
           from attachments a join volumes v on v.id = a.volume_id order by v.name`,
      ),
      usages: await database.query(
        `select volumes, snapshots, gigabytes, reserved_gigabytes from usages
          where volumes + snapshots + gigabytes + reserved_gigabytes > 0 order by volume_type_id`,
      ),
      claims: await database.query(
        `select coalesce(v.name, s.name) as of, c.size_gib, p.claimed_gib, p.volume_count
           from claims c join pools p on p.address = c.pool
           left join volumes v on v.id = c.volume_id left join snapshots s on s.id = c.snapshot_id order by 1`,
      ),
      holds: holds!.count,
      files: files.map(([name, size]) => `${this.named(name)}, ${size} bytes`).sort(),
      exports: exports.map((name) => this.named(name)).sort(),
      images: images.map((name) => name.replace(UUID, 'image')).sort(),
    };
  }

  /** Call it while the rows are still there. */
  async learn(): Promise<void> {
    const rows = await this.world.database.query<{ id: string; name: string }>(
      `select id::text, name from volumes union all select id::text, name from snapshots
       union all select a.id::text, 'attachment of ' || v.name from attachments a join volumes v on v.id = a.volume_id`,
    );
    for (const { id, name } of rows) this.names.set(id, name);
  }

  private named(text: string): string {
    return text.replace(UUID, (id) => this.names.get(id) ?? id);
  }
}
