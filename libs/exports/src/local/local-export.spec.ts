import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeUnless } from '../conformance/describe-unless.js';
import { exportConformance } from '../conformance/export-conformance.js';
import type { RunningExport } from '../conformance/export-harness.js';
import { initiatorAvailable } from '../conformance/initiator.js';
import { LocalExport } from './local-export.js';

async function startLocal(): Promise<RunningExport> {
  const stateDir = await mkdtemp(join(tmpdir(), 'scoria-local-'));
  const open = async (): Promise<LocalExport> => {
    const next = new LocalExport({ stateDir });
    await next.setup();
    return next;
  };
  return {
    protocol: await open(),
    connector: (initiator) => ({ initiator, host: 'here' }),
    restartService: open,
    serveForeign: async () => {
      await writeFile(join(stateDir, 'exports', 'notes'), '');
      return 'notes';
    },
    destroy: () => rm(stateDir, { recursive: true, force: true }),
  };
}

describeUnless(await initiatorAvailable(), 'local', () => {
  exportConformance('local', { enforcesAccess: false, start: startLocal });
});
