/** Programs of the operating system: found, and on Debian and its kin installed by root. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withoutStartingDaemons } from './no-daemons.mjs';
import { phase, runQuietly } from './report.mjs';

/** Debian's package, a program in it, and what it is for. */
const PACKAGES = {
  'qemu-utils': { program: 'qemu-img', use: 'converting images' },
  'qemu-block-extra': { use: 'reading volumes over iSCSI without a kernel initiator' },
  tgt: { program: 'tgtd', use: 'exporting volumes over iSCSI' },
  'libiscsi-bin': { program: 'iscsi-ls', use: 'looking at iSCSI targets' },
  'rabbitmq-server': { program: 'rabbitmq-server', use: 'the message broker' },
  xfsprogs: { program: 'mkfs.xfs', use: 'a file system with reflinks' },
  e2fsprogs: { program: 'mkfs.ext4', use: 'a file system without reflinks' },
  faketime: { program: 'faketime', use: 'clocks that jump' },
  'python3-openstackclient': { program: 'openstack', use: 'the openstack command' },
  'python3-cinderclient': { program: 'cinder', use: 'the cinder command' },
  'python3-keystone': { program: 'keystone-manage', use: 'checking tokens against a real Keystone' },
  'python3-glance': { program: 'glance-api', use: 'moving images from and to a real Glance' },
};

export const RUN_PACKAGES = ['qemu-utils', 'tgt'];
export const CLUSTER_PACKAGES = [...RUN_PACKAGES, 'rabbitmq-server'];
export const CHAOS_PACKAGES = [...CLUSTER_PACKAGES, 'qemu-block-extra', 'xfsprogs', 'faketime'];
export const TEST_PACKAGES = Object.keys(PACKAGES);

const APT = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
const APT_ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

/**
 * Installs what is missing of `names`, where it may; else, and when that fails, says what is missing and how to get
 * it, and goes on: whatever needs it says so when it is used.
 */
export async function installSystemPackages(names, { install = true } = {}) {
  const debian = existsSync('/usr/bin/dpkg-query');
  const missing = debian
    ? missingPackages(names)
    : names.filter((name) => !hasProgram(PACKAGES[name].program));
  if (missing.length === 0) return;
  if (!install) return sayMissing(missing, 'Not installed, as asked:');
  if (!debian) return sayMissing(missing, 'Missing; the names are those of the Debian packages:');
  if (process.getuid() !== 0)
    return sayMissing(missing, `Missing; as root: apt-get install ${missing.join(' ')}`);
  try {
    await phase(`Installing Debian packages: ${missing.join(' ')}`, () => aptInstall(missing));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    sayMissing(missing, `Missing; try: apt-get update && apt-get install ${missing.join(' ')}`);
  }
}

async function aptInstall(names) {
  // Lists of an earlier update may do when a mirror cannot be reached now.
  await runQuietly('apt-get', [...APT, 'update'], { env: APT_ENVIRONMENT }).catch(() => undefined);
  const args = [...APT, 'install', '-y', '--no-install-recommends', ...names];
  await withoutStartingDaemons(() => runQuietly('apt-get', args, { env: APT_ENVIRONMENT }));
}

function missingPackages(names) {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  });
  const installed = new Set(
    stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

/** Packages without a program of their own are parts of others outside Debian. */
function hasProgram(program) {
  if (program === undefined) return true;
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return directories.some((directory) => existsSync(join(directory, program)));
}

function sayMissing(names, headline) {
  const lines = names.map((name) => `  ${name}: ${PACKAGES[name].use}`);
  process.stderr.write(`${headline}\n${lines.join('\n')}\n`);
}
