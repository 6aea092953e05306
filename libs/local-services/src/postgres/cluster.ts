import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './binaries.js';
import { type SystemUser, canReach } from './postgres-user.js';
import { SHARED_STATE } from './shared-state.js';

/** The one role of a private server; it owns everything in it. */
export const ROLE = 'scoria';

const INITDB_LIMIT_MS = 300_000;

interface ClusterRequest {
  dataDir: string;
  binaries: PostgresBinaries;
  user: SystemUser | undefined;
  password: string;
  durable: boolean;
  log: (line: string) => void;
}

/**
 * The directory of the database cluster (PGDATA) that belongs to `dataDir`, made on the first call. It is
 * `dataDir/cluster`; where PostgreSQL's user cannot go there, that is a symbolic link to a place where it can.
 * @throws Error when the cluster there is of another major version.
 */
export async function databaseCluster(request: ClusterRequest): Promise<string> {
  const named = join(request.dataDir, 'cluster');
  const link = lstatSync(named, { throwIfNoEntry: false });
  const known = link && existsSync(named) ? realpathSync(named) : undefined;
  const directory = known ?? place(named, request.user);
  if (!existsSync(join(directory, 'PG_VERSION'))) {
    request.log(`making a new PostgreSQL ${request.binaries.major} database in ${directory}`);
    await initialize(directory, request);
  }
  if (!known && directory !== named) {
    rmSync(named, { force: true });
    symlinkSync(directory, named);
  }
  checkVersion(directory, request.binaries.major);
  return directory;
}

function place(named: string, user: SystemUser | undefined): string {
  if (canReach(user, named)) return named;
  return join(SHARED_STATE, 'clusters', randomUUID());
}

/** Runs initdb beside the final place and renames, so that an interrupted first start leaves nothing half made. */
async function initialize(directory: string, request: ClusterRequest): Promise<void> {
  const { binaries, user, password, durable } = request;
  const draft = `${directory}.new`;
  const passwordFile = `${directory}.password`;
  mkdirSync(dirname(directory), { recursive: true, mode: 0o755 });
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [draft, passwordFile]) chownSync(path, user.uid, user.gid);
  const args = [
    `--pgdata=${draft}`,
    `--username=${ROLE}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own C.UTF-8: the same order on every machine, whatever locales it has.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ];
  try {
    await promisify(execFile)(binaries.initdb, args, {
      cwd: draft,
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
      timeout: INITDB_LIMIT_MS,
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    renameSync(draft, directory);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`a new PostgreSQL database cannot be made in ${directory}: ${stderr.trim()}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function checkVersion(directory: string, major: string): void {
  const found = readFileSync(join(directory, 'PG_VERSION'), 'utf8').trim();
  if (found === major) return;
  throw new Error(
    `the data in ${directory} was made by PostgreSQL ${found}, and this is PostgreSQL ${major}`,
  );
}
