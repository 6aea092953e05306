import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cinderEnvironment, openstackEnvironment, type Environment } from '../../run/client-environment.js';

const run = promisify(execFile);
const LIMIT_MS = 60_000;

/** The stock commands, as Debian ships them. Reject with what they print when they fail. */
export class Commands {
  constructor(private readonly environments: { openstack: () => Environment; cinder: () => Environment }) {}

  /** For a gateway without Keystone; `url` is asked before each command. */
  static withoutKeystone(url: () => string, user: string, project: string): Commands {
    return new Commands({
      openstack: () => openstackEnvironment(url(), user, project),
      cinder: () => cinderEnvironment(url(), user, project),
    });
  }

  /** `openstack … -f json`, parsed. */
  async openstack<T = unknown>(...args: string[]): Promise<T> {
    return JSON.parse(await this.openstackText(...args, '-f', 'json')) as T;
  }

  /** For subcommands of `openstack` that print nothing. */
  openstackText(...args: string[]): Promise<string> {
    return execute('openstack', args, this.environments.openstack());
  }

  cinder(...args: string[]): Promise<string> {
    return execute('cinder', args, this.environments.cinder());
  }
}

/** Runs a shell's script in an environment with nothing but a PATH. */
export function shell(script: string): Promise<string> {
  return execute('bash', ['-e', '-c', script], {});
}

async function execute(program: string, args: string[], environment: Environment): Promise<string> {
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', ...environment };
  const { stdout } = await run(program, args, { env, timeout: LIMIT_MS });
  return stdout;
}
