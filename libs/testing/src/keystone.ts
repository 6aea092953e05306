import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KeystoneAdmin } from './keystone-admin.js';
import { allowReadersBesideWriter, isInstalled, PythonServer, runSetup } from './python-server.js';

const MANAGE = '/usr/bin/keystone-manage';
const SERVER = '/usr/bin/keystone-wsgi-public';
const ADMIN_PASSWORD = 'keystone-admin';

export interface KeystoneOptions {
  /** Kept by the caller: starting again with the same directory serves the same data. */
  dir: string;
  port: number;
  /** Seconds that tokens live. 3,600 unless told. */
  tokenSeconds?: number;
}

export interface TestKeystone {
  /** With `/v3`. */
  url: string;
  adminPassword: string;
  admin: KeystoneAdmin;
  stop(): Promise<void>;
}

/** Whether Keystone is installed (Debian: `python3-keystone` is enough). */
export function hasKeystone(): boolean {
  return isInstalled([MANAGE, SERVER], 'python3-keystone');
}

/** A real Keystone with SQLite and Fernet tokens, on the loopback interface. Takes some 15 seconds the first time. */
export async function startKeystone({
  dir,
  port,
  tokenSeconds = 3600,
}: KeystoneOptions): Promise<TestKeystone> {
  const url = `http://127.0.0.1:${port}/v3`;
  const config = join(dir, 'keystone.conf');
  const isNew = !existsSync(config);
  writeFileSync(config, configuration(dir, tokenSeconds), { mode: 0o600 });
  if (isNew) {
    makeKeys(join(dir, 'fernet'));
    const manage = (...args: string[]): Promise<void> =>
      runSetup(MANAGE, ['--config-file', config, ...args], dir);
    await manage('db_sync');
    allowReadersBesideWriter(join(dir, 'keystone.db'));
    await manage(
      ...['bootstrap', '--bootstrap-password', ADMIN_PASSWORD, '--bootstrap-region-id', 'RegionOne'],
      ...['--bootstrap-public-url', url, '--bootstrap-internal-url', url],
    );
  }
  const server = await PythonServer.start({
    name: 'Keystone',
    command: SERVER,
    args: ['--host', '127.0.0.1', '--port', String(port), '--', '--config-file', config],
    cwd: dir,
    logFile: join(dir, 'keystone.log'),
    url,
  });
  return {
    url,
    adminPassword: ADMIN_PASSWORD,
    admin: new KeystoneAdmin(url, ADMIN_PASSWORD),
    stop: () => server.stop(),
  };
}

function configuration(dir: string, tokenSeconds: number): string {
  return [
    '[database]',
    `connection = sqlite:///${join(dir, 'keystone.db')}`,
    '[fernet_tokens]',
    `key_repository = ${join(dir, 'fernet')}`,
    '[fernet_receipts]',
    `key_repository = ${join(dir, 'fernet')}`,
    '[token]',
    `expiration = ${tokenSeconds}`,
    // Fast rather than safe: these passwords guard nothing.
    '[identity]',
    'password_hash_rounds = 4',
    '',
  ].join('\n');
}

/** What `keystone-manage fernet_setup` does: a staged key, 0, and the primary one, 1. */
function makeKeys(directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  for (const name of ['0', '1']) {
    const key = randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    writeFileSync(join(directory, name), key, { mode: 0o600 });
  }
}
