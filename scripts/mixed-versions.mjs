/**
 * `npm run mixed-versions`: builds the release before this one from git, and runs its services against those of this
 * checkout, in every pairing. The release before is the last tag; without one, the commit that `deploy/previous-version`
 * names.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { scriptArguments } from './setup/arguments.mjs';
import { fail, phase, runQuietly } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { TEST_PACKAGES } from './setup/system-packages.mjs';

const { install, args } = scriptArguments();

try {
  const node = await setUp({ systemPackages: TEST_PACKAGES, install });
  const version = previousVersion();
  if (git('cat-file', '-e', `${version}^{commit}`) === undefined) {
    console.log(
      `SKIPPED: ${version}, the release before, is not in this clone (a shallow one?): git fetch --unshallow`,
    );
    process.exit(0);
  }
  const directory = mkdtempSync(join(tmpdir(), 'scoria-previous-'));
  try {
    await phase(`Building the release before (${version})`, () => build(node, version, directory));
    process.exitCode = await runProgram(
      node,
      [
        ...[join(ROOT, 'scripts/test.mjs'), '--no-install', '--runInBand'],
        ...['apps/scoria/dist/e2e/mixed-versions', ...args],
      ],
      { cwd: ROOT, env: { ...process.env, SCORIA_PREVIOUS_BUILD: directory } },
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
} catch (error) {
  fail(error);
}

/** What the last tag before this very commit names, else what the file says. */
function previousVersion() {
  return (
    git('describe', '--tags', '--abbrev=0', 'HEAD^') ??
    readFileSync(join(ROOT, 'deploy/previous-version'), 'utf8').trim()
  );
}

/** The output, or undefined when git says no or is not there. */
function git(...words) {
  const { status, stdout } = spawnSync('git', words, { cwd: ROOT, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

async function build(node, version, directory) {
  const archive = join(directory, 'source.tar');
  await runQuietly('git', ['archive', '--output', archive, version], { cwd: ROOT });
  await runQuietly('tar', ['-xf', archive, '-C', directory]);
  linkModules(directory);
  await runQuietly(node, ['scripts/build.mjs'], { cwd: directory });
}

/** The same packages as here, but for those that are built there. */
function linkModules(directory) {
  const here = join(ROOT, 'node_modules');
  const there = join(directory, 'node_modules');
  mkdirSync(join(there, '@scoria'), { recursive: true });
  for (const name of readdirSync(here))
    if (name !== '@scoria') symlinkSync(join(here, name), join(there, name));
  for (const parent of ['libs', 'apps']) {
    for (const name of readdirSync(join(directory, parent))) {
      symlinkSync(join(directory, parent, name), join(there, '@scoria', name));
      // npm keeps beside a package what another one wants in another version.
      const own = join(parent, name, 'node_modules');
      if (existsSync(join(ROOT, own))) symlinkSync(join(ROOT, own), join(directory, own));
    }
  }
}
