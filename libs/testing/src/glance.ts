import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allowReadersBesideWriter, isInstalled, PythonServer, runSetup } from './python-server.js';

const PYTHON = '/usr/bin/python3';
const MODULES = '/usr/lib/python3/dist-packages/glance/cmd';

export interface GlanceOptions {
  dir: string;
  port: number;
  /** Who checks tokens; without it everybody is an administrator without a project. */
  keystone?: { url: string; username: string; password: string; projectName: string };
}

export interface TestGlance {
  /** Without a version. */
  url: string;
  stop(): Promise<void>;
}

/** Whether Glance is installed (Debian: `python3-glance` is enough). */
export function hasGlance(): boolean {
  return isInstalled([PYTHON, `${MODULES}/api.py`, `${MODULES}/manage.py`], 'python3-glance');
}

/** A real Glance with SQLite and a file store, on the loopback interface. Takes some 10 seconds. */
export async function startGlance({ dir, port, keystone }: GlanceOptions): Promise<TestGlance> {
  const url = `http://127.0.0.1:${port}`;
  const config = join(dir, 'glance-api.conf');
  mkdirSync(join(dir, 'images'), { recursive: true });
  writeFileSync(config, configuration(dir, port, keystone), { mode: 0o600 });
  writeFileSync(join(dir, 'paste.ini'), pipeline(keystone !== undefined));
  await runSetup(PYTHON, ['-m', 'glance.cmd.manage', '--config-file', config, 'db', 'sync'], dir);
  allowReadersBesideWriter(join(dir, 'glance.db'));
  const server = await PythonServer.start({
    name: 'Glance',
    command: PYTHON,
    args: ['-m', 'glance.cmd.api', '--config-file', config],
    cwd: dir,
    logFile: join(dir, 'glance.log'),
    url,
  });
  return { url, stop: () => server.stop() };
}

function configuration(dir: string, port: number, keystone: GlanceOptions['keystone']): string {
  return [
    '[DEFAULT]',
    'bind_host = 127.0.0.1',
    `bind_port = ${port}`,
    // No worker processes: the one process serves, and ends with its parent.
    'workers = 0',
    'enabled_backends = files:file',
    '[glance_store]',
    'default_backend = files',
    '[files]',
    `filesystem_store_datadir = ${join(dir, 'images')}`,
    '[database]',
    `connection = sqlite:///${join(dir, 'glance.db')}`,
    '[oslo_concurrency]',
    `lock_path = ${dir}`,
    '[paste_deploy]',
    `config_file = ${join(dir, 'paste.ini')}`,
    ...(keystone ? authentication(keystone) : []),
    '',
  ].join('\n');
}

function authentication(keystone: NonNullable<GlanceOptions['keystone']>): string[] {
  return [
    '[keystone_authtoken]',
    `www_authenticate_uri = ${keystone.url}`,
    `auth_url = ${keystone.url}`,
    'auth_type = password',
    `username = ${keystone.username}`,
    `password = ${keystone.password}`,
    `project_name = ${keystone.projectName}`,
    'user_domain_id = default',
    'project_domain_id = default',
    // Each token is checked each time, so that a revoked one is refused at once.
    'token_cache_time = -1',
  ];
}

/** The two of Glance's pipelines that tests need, named as paste names filters: who is asked comes first. */
function pipeline(withKeystone: boolean): string {
  return [
    '[pipeline:glance-api]',
    `pipeline = versionnegotiation ${withKeystone ? 'authtoken context' : 'unauthenticated-context'} rootapp`,
    '[composite:rootapp]',
    'paste.composite_factory = glance.api:root_app_factory',
    '/: apiversions',
    '/v2: apiv2app',
    '[app:apiversions]',
    'paste.app_factory = glance.api.versions:create_resource',
    '[app:apiv2app]',
    'paste.app_factory = glance.api.v2.router:API.factory',
    '[filter:versionnegotiation]',
    'paste.filter_factory = glance.api.middleware.version_negotiation:VersionNegotiationFilter.factory',
    '[filter:unauthenticated-context]',
    'paste.filter_factory = glance.api.middleware.context:UnauthenticatedContextMiddleware.factory',
    '[filter:context]',
    'paste.filter_factory = glance.api.middleware.context:ContextMiddleware.factory',
    '[filter:authtoken]',
    'paste.filter_factory = keystonemiddleware.auth_token:filter_factory',
    'delay_auth_decision = true',
    '',
  ].join('\n');
}
