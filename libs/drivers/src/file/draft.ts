import type { Checkpoints } from '@scoria/domain';
import { draftName, isDraftOf } from './file-names.js';
import type { FilePool } from './file-pool.js';

/** What a copy is made of; another one is another copy. */
export interface CopyOrder {
  /** Name of the file that is to be made. */
  name: string;
  sourceName: string;
  bytes: number;
}

/** A copy under way that the next call goes on with when this one is cut short. */
export interface Draft {
  /** Its file's name while it is unfinished; a new one for each copy that is begun anew. */
  readonly entry: string;
  /** Bytes that are in it, on disk. */
  readonly from: number;
  readonly due: boolean;
  /** Whether a checkpoint names it, so that it is of use to the next call. */
  readonly kept: boolean;
  /** Call it when the first `done` bytes, and the file's name, are on disk. */
  save(done: number): Promise<void>;
}

/** Finds what an earlier call has left of this very copy, and removes all else that was left under its name. */
export async function openDraft(pool: FilePool, order: CopyOrder, checkpoints: Checkpoints): Promise<Draft> {
  const found = await findDraft(pool, order, checkpoints);
  const entry = found?.entry ?? draftName(order.name);
  await pool.removeDrafts(order.name, found?.entry);
  let kept = found !== undefined;
  return {
    entry,
    from: found?.from ?? 0,
    get due() {
      return checkpoints.due;
    },
    get kept() {
      return kept;
    },
    save: async (done) => {
      kept = true;
      pool.keepDraft(entry);
      await checkpoints.save({ file: entry, done, source: order.sourceName, bytes: order.bytes });
    },
  };
}

async function findDraft(
  pool: FilePool,
  { name, sourceName, bytes }: CopyOrder,
  { last = {} }: Checkpoints,
): Promise<{ entry: string; from: number } | undefined> {
  const { file, done, source } = last;
  if (typeof file !== 'string' || !isDraftOf(file, name)) return undefined;
  if (source !== sourceName || last['bytes'] !== bytes || !Number.isSafeInteger(done)) return undefined;
  const size = await pool.size(file);
  return size !== undefined && size >= Number(done) ? { entry: file, from: Number(done) } : undefined;
}
