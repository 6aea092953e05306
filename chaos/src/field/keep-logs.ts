import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The services' logs outlive the directory: a story quotes only a part of them. Each time under a name that nobody had
 * before, since another user may have run the same seed. That they could not be kept changes nothing of what was found.
 */
export async function keepLogs(
  logsDir: string,
  seed: number,
  say: (line: string) => void,
  parent = tmpdir(),
): Promise<void> {
  try {
    const kept = await mkdtemp(join(parent, `scoria-chaos-logs-${seed}-`));
    await cp(logsDir, kept, { recursive: true });
    say(`logs: ${kept}`);
  } catch (error) {
    say(`the logs could not be kept: ${String(error)}`);
  }
}
