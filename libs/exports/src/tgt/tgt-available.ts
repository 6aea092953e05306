import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';

const DIRECTORIES = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/**
 * Why this machine cannot serve iSCSI through a tgtd of ours, or undefined when it can.
 *
 * Root is not among the reasons. With its control socket in a directory of the service's user, tgtd 1.0.85 serves
 * files that this user may open; it only warns that it cannot raise its file limit or leave the OOM killer's list.
 * Block devices need what opening them needs: a group, mostly `disk`.
 */
export async function tgtAvailable(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'tgtd runs on Linux only';
  for (const program of ['tgtd', 'tgtadm']) {
    if (!(await isInstalled(program))) return `${program} is not installed (Debian package tgt)`;
  }
  return undefined;
}

async function isInstalled(program: string): Promise<boolean> {
  const path = (process.env['PATH'] ?? '').split(':').filter((part) => part !== '');
  for (const directory of [...path, ...DIRECTORIES]) {
    const found = await access(join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
