/** Keeps Debian's packages from starting the daemons that they bring (tgtd, a broker on all addresses). */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** invoke-rc.d asks this program before it starts anything; 101 means "no" (policy-rc.d specification). */
const FILE = '/usr/sbin/policy-rc.d';
const TEXT = '#!/bin/sh\n# Put here by Scoria while it installs packages; may be removed.\nexit 101\n';

/** Runs `work` while no daemon may be started. An administrator's own policy is left as it is. */
export async function withoutStartingDaemons(work) {
  // One of ours that is there already was left by a run that was killed.
  const ours = !existsSync(FILE) || readFileSync(FILE, 'utf8') === TEXT;
  if (!ours) return work();
  const remove = () => rmSync(FILE, { force: true });
  writeFileSync(FILE, TEXT, { mode: 0o755 });
  process.once('exit', remove);
  try {
    return await work();
  } finally {
    process.off('exit', remove);
    remove();
  }
}
