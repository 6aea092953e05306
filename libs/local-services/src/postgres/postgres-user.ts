import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** PostgreSQL refuses to run as root, so root runs it as this user. */
const NAME = 'postgres';

export interface SystemUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The user to run PostgreSQL as: undefined for the caller's own, which is right for everybody but root.
 * As root the system user `postgres`, made when it is missing.
 */
export function postgresUser(log: (line: string) => void): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = findUser(NAME);
  if (known) return known;
  log(`adding the system user "${NAME}", as which PostgreSQL will run`);
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', NAME],
    {
      encoding: 'utf8',
    },
  );
  const user = findUser(NAME);
  if (!user)
    throw new Error(
      `PostgreSQL cannot run as root, and the user "${NAME}" cannot be added: ${made.stderr ?? made.error}`,
    );
  return user;
}

/** Whether the user may pass through every directory above `path`, which itself need not exist. */
export function canReach(user: SystemUser | undefined, path: string): boolean {
  return user === undefined || firstClosedDirectory(user, path) === undefined;
}

/** The topmost directory above `path` that the user may not pass through. Looks at permission bits, not at ACLs. */
export function firstClosedDirectory(user: SystemUser, path: string): string | undefined {
  const parents: string[] = [];
  for (let at = dirname(resolve(path)); ; at = dirname(at)) {
    parents.unshift(at);
    if (at === dirname(at)) break;
  }
  return parents.find((directory) => {
    const stat = statSync(directory, { throwIfNoEntry: false });
    if (!stat) return false;
    const bit = stat.uid === user.uid ? 0o100 : stat.gid === user.gid ? 0o010 : 0o001;
    return (stat.mode & bit) === 0;
  });
}

function findUser(name: string): SystemUser | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
}
