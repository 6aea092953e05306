import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { type TgtAddress, tgtEnvironment } from './tgtadm.js';

export interface SpawnOptions {
  address: TgtAddress;
  /** `address:port` to listen on. */
  portal: string;
  logFile: string;
}

/**
 * tgtd starts this many threads for each LUN, 16 unless told: 500 exports made 8,000. Four keep four commands of one
 * volume in flight.
 */
const IO_THREADS_PER_LUN = 4;
/** Characters of the log that an error quotes. */
const LOG_TAIL = 1000;

/** A tgtd of our own, fresh from its start. */
export interface SpawnedDaemon {
  pid: number;
  /** Rejects when the process ends, with the end of its log. Resolves never. */
  ended: Promise<never>;
}

/**
 * Starts tgtd so that it outlives us: in a session of its own, its output in a file, and marked by nothing that
 * would make it one of the commands that die with the service. Under systemd that needs `KillMode=process`, and in
 * a container an init above both.
 */
export async function spawnDaemon({ address, portal, logFile }: SpawnOptions): Promise<SpawnedDaemon> {
  const log = await open(logFile, 'a', 0o600);
  try {
    const threads = ['-t', String(IO_THREADS_PER_LUN)];
    const args = ['-f', '-C', String(address.controlPort), ...threads, '--iscsi', `portal=${portal}`];
    const child = spawn('tgtd', args, {
      cwd: '/',
      detached: true,
      env: { PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`, ...tgtEnvironment(address) },
      stdio: ['ignore', log.fd, log.fd],
    });
    const ended = new Promise<never>((_, reject) => {
      child.once('error', (cause) => reject(new Error('tgtd cannot be started', { cause })));
      child.once(
        'exit',
        (code, signal) =>
          void tailOf(logFile).then((tail) => {
            reject(new Error(`tgtd ended (${signal ?? code}): ${tail}`));
          }),
      );
    });
    // Its later end is noticed by the watch; here it matters only to who waits for the start.
    ended.catch(() => undefined);
    child.unref();
    return { pid: child.pid ?? (await ended), ended };
  } finally {
    await log.close();
  }
}

async function tailOf(logFile: string): Promise<string> {
  return (await readFile(logFile, 'utf8').catch(() => '')).slice(-LOG_TAIL);
}
