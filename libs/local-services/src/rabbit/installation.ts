import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface RabbitInstallation {
  /** The broker's own start script, not a distribution's wrapper that changes the user. */
  server: string;
  /** Erlang's port mapper. */
  epmd: string;
  /** Erlang's tool to call a function in a running node. */
  erlCall: string;
}

/** Debian's /usr/sbin/rabbitmq-server switches to the user `rabbitmq`; the script that it wraps is here. */
const SERVER_DIRECTORIES = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin'];
const ERLANG_DIRECTORIES = ['/usr/bin', '/usr/lib/erlang/bin', '/opt/homebrew/bin', '/usr/local/bin'];

/** @throws Error naming the package to install when RabbitMQ is not there. */
export function findRabbit(serverDirectories = SERVER_DIRECTORIES): RabbitInstallation {
  return {
    server: find('rabbitmq-server', serverDirectories),
    epmd: find('epmd', [...(process.env['PATH'] ?? '').split(delimiter), ...ERLANG_DIRECTORIES]),
    erlCall: find('erl_call', [...(process.env['PATH'] ?? '').split(delimiter), ...ERLANG_DIRECTORIES]),
  };
}

function find(program: string, directories: string[]): string {
  const path = directories
    .map((directory) => join(directory, program))
    .find((candidate) => existsSync(candidate));
  if (path) return path;
  throw new Error(
    `RabbitMQ is not installed: no ${program} in ${[...new Set(directories)].join(', ')}. ` +
      'On Debian and Ubuntu: apt-get install --no-install-recommends rabbitmq-server',
  );
}
