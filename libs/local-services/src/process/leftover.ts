import { readFileSync, writeFileSync } from 'node:fs';
import { processIdentity, waitUntilGone } from './process-table.js';

interface ProcessRecord {
  pid: number;
  identity: string | undefined;
}

const KILLED_MS = 10_000;

/** Notes in `file` which process serves here, so that a later run can tell it from another with the same id. */
export function recordProcess(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify({ pid, identity: processIdentity(pid) } satisfies ProcessRecord), {
    mode: 0o600,
  });
}

/** The id of the recorded process while it runs. */
export function recordedProcess(file: string): number | undefined {
  let record: ProcessRecord;
  try {
    record = JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
  } catch {
    return undefined;
  }
  return record.identity !== undefined && processIdentity(record.pid) === record.identity
    ? record.pid
    : undefined;
}

/**
 * Ends the server that an earlier run recorded in `file` and left behind, or waits for it when it is just ending.
 * Sends `signal`, and SIGKILL after `waitMs`.
 */
export async function endLeftover(
  file: string,
  signal: NodeJS.Signals,
  waitMs: number,
  log: (line: string) => void,
): Promise<void> {
  const pid = recordedProcess(file);
  if (pid === undefined) return;
  log(`stopping a server that an earlier run left behind (pid ${pid})`);
  send(pid, signal);
  if (await waitUntilGone(pid, waitMs)) return;
  send(pid, 'SIGKILL');
  if (!(await waitUntilGone(pid, KILLED_MS))) throw new Error(`process ${pid} survived SIGKILL`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
