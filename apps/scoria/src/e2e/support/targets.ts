import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMIT_MS = 15_000;

/** The names of the targets that `iscsi-ls` of libiscsi shows to an initiator at these portals. */
export async function targetsAt(portals: readonly string[], initiator: string): Promise<string[]> {
  const lists = await Promise.all(portals.map((portal) => list(portal, initiator)));
  return lists.flat();
}

/** What iscsi-ls 1.19 fails with when a daemon that answers has no target at all. */
const NO_TARGETS = 'Can not reconnect right now';

async function list(portal: string, initiator: string): Promise<string[]> {
  const args = ['-i', initiator, `iscsi://${portal}`];
  try {
    const { stdout } = await run('iscsi-ls', args, { timeout: LIMIT_MS });
    return [...stdout.matchAll(/Target:(\S+)/g)].map(([, name]) => name!);
  } catch (error) {
    if ((error as { stderr?: string }).stderr?.includes(NO_TARGETS)) return [];
    throw error;
  }
}
