import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROLE } from './cluster.js';
import { recordedProcess } from '../process/leftover.js';
import { PASSWORD_FILE, PROCESS_FILE } from './files.js';

/** PGDATA's own note of the running server; its fourth line is the port. */
const PID_FILE = join('cluster', 'postmaster.pid');
const PORT_LINE = 3;

/**
 * Connection URL of the database `postgres` of the private server that another process runs in `dataDir`, or undefined
 * when none runs there. For tools beside that process; nothing is started.
 */
export function runningPostgres(dataDir: string): string | undefined {
  const directory = resolve(dataDir);
  const pidFile = join(directory, PID_FILE);
  if (recordedProcess(join(directory, PROCESS_FILE)) === undefined || !existsSync(pidFile)) return undefined;
  const port = Number(readFileSync(pidFile, 'utf8').split('\n')[PORT_LINE]);
  if (!Number.isInteger(port) || port < 1) return undefined; // It is just starting.
  const password = readFileSync(join(directory, PASSWORD_FILE), 'utf8').trim();
  return `postgres://${ROLE}:${password}@127.0.0.1:${port}/postgres`;
}
