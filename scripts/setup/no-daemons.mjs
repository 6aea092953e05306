/** Keeps Debian's packages from starting the daemons that they bring (tgtd, a broker on all addresses). */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/** invoke-rc.d asks this program before it starts anything; 101 means "no" (policy-rc.d specification). */
const FILE = '/usr/sbin/policy-rc.d';
const TEXT = '#!/bin/sh\n# Put here by Scoria while it installs packages; may be removed.\nexit 101\n';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs `work` while no daemon may be started. An administrator's own policy is left as it is. A signal ends this process
 * once `work` has ended: after Ctrl-C dpkg, too, finishes what it has begun, and would start what it configures.
 */
export async function withoutStartingDaemons(work, file = FILE) {
  // One of ours that is there already was left by a run that was killed.
  const ours = !existsSync(file) || readFileSync(file, 'utf8') === TEXT;
  if (!ours) return work();
  let received;
  const note = (signal) => (received = signal);
  const remove = () => rmSync(file, { force: true });
  for (const signal of SIGNALS) process.on(signal, note);
  process.once('exit', remove);
  writeFileSync(file, TEXT, { mode: 0o755 });
  try {
    return await work();
  } finally {
    process.off('exit', remove);
    remove();
    for (const signal of SIGNALS) process.off(signal, note);
    if (received) process.kill(process.pid, received);
  }
}
