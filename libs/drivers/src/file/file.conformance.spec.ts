import { driverConformance } from '../conformance/index.js';
import { mountedStorage, temporaryStorage } from '../test-support/file-storage-plan.js';
import { whyNoFileSystem } from '../test-support/file-system.js';

/** Where blocks are shared, and where they are copied. */
for (const kind of ['xfs', 'ext4'] as const) {
  const reason = await whyNoFileSystem(kind);
  if (reason === undefined) {
    driverConformance(`file on ${kind}`, () => mountedStorage(kind));
    continue;
  }
  console.warn(`SKIPPED: the file driver on ${kind}, which needs root and loop devices: ${reason}`);
  describe.skip(`driver conformance: file on ${kind}`, () => it('is skipped', () => undefined));
  if (kind === 'ext4') driverConformance('file in the temporary directory', () => temporaryStorage());
}
