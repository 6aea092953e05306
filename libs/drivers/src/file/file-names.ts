import { randomBytes } from 'node:crypto';
import { Fault, parseStorageName } from '@scoria/domain';

/** What is being made; whatever carries such a name when nothing runs was never finished. */
const PARTIAL = '.partial-';
/** What is being copied and can be gone on with. Also a partial name: a release that cannot go on removes it. */
const DRAFT = '.partial-resumable-';
/** What is being deleted. */
const TRASH = '.trash-';
/** Marks a pool's directory; see `pool-identity.ts`. */
export const IDENTITY_FILE = '.scoria-pool';

export const partialName = (name: string): string => `${PARTIAL}${name}-${randomBytes(6).toString('hex')}`;

/** Always the same for one name: for small files that are written anew. */
export const unfinishedName = (name: string): string => `${PARTIAL}${name}`;

/** Another one each time: whoever remembers one means that very file. */
export const draftName = (name: string): string => `${DRAFT}${name}-${randomBytes(6).toString('hex')}`;

export const isDraft = (entry: string): boolean => entry.startsWith(DRAFT);

export const isDraftOf = (entry: string, name: string): boolean =>
  entry.startsWith(`${DRAFT}${name}-`) && /^[0-9a-f]{12}$/.test(entry.slice(DRAFT.length + name.length + 1));

/** Always the same for one name, so that a delete that is run again finds what the first one left. */
export const trashName = (name: string): string => `${TRASH}${name}`;

export const isLeftover = (entry: string): boolean => entry.startsWith(PARTIAL) || entry.startsWith(TRASH);

/** What is in a pool's directory beside volumes and snapshots, and is no cause for wonder. */
export const isHousekeeping = (entry: string): boolean =>
  isLeftover(entry) || entry === IDENTITY_FILE || entry === 'lost+found';

/** Refuses a name that is not `volume-<uuid>` or `snapshot-<uuid>`: names become paths. */
export function checkName(name: string, kind: 'volume' | 'snapshot'): string {
  if (parseStorageName(name)?.kind !== kind)
    throw new Fault('badRequest', `"${name}" is no name of a ${kind}.`);
  return name;
}
