import { driverConformance } from '../conformance/index.js';
import { mountedStorage, temporaryStorage } from './file-storage-plan.js';
import { type FileSystemKind, whyNoFileSystem } from './file-system.js';

/** Tries the file driver on a file system of its own; says so loudly where that cannot be. */
export async function conformOn(kind: FileSystemKind, otherwise?: 'temporaryDirectory'): Promise<void> {
  const reason = await whyNoFileSystem(kind);
  if (reason === undefined) return driverConformance(`file on ${kind}`, () => mountedStorage(kind));
  console.warn(`SKIPPED: the file driver on ${kind}, which needs root and loop devices: ${reason}`);
  if (otherwise) return driverConformance('file in the temporary directory', () => temporaryStorage());
  describe.skip(`driver conformance: file on ${kind}`, () => it('is skipped', () => undefined));
}
