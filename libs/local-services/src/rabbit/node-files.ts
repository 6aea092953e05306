import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptSecret, keptText } from '../process/kept-text.js';

/** The one user of a private broker; it may do everything in it. */
export const USER = 'scoria';

export interface RabbitNode {
  dataDir: string;
  /** Erlang node name. Mnesia's files are bound to it, so it stays with the data. */
  nodeName: string;
  password: string;
}

export interface RabbitPorts {
  amqp: number;
  /** Erlang distribution. */
  distribution: number;
  /** Erlang's port mapper: one for each broker, so that several never see each other. */
  epmd: number;
}

/** What a broker keeps in its data directory from one start to the next; made by the first. */
export function rabbitNode(dataDir: string): RabbitNode {
  mkdirSync(dataDir, { recursive: true });
  keptSecret(join(dataDir, '.erlang.cookie'), 0o400);
  return {
    dataDir,
    nodeName: `scoria-${keptText(join(dataDir, 'node-id'), randomBytes(4).toString('hex'))}@localhost`,
    password: keptSecret(join(dataDir, 'rabbit-password')),
  };
}

/**
 * Writes the configuration for one start and returns the environment to start with. Nothing of it comes from
 * /etc/rabbitmq, nor from RABBITMQ_* or ERL_* variables that happen to be set.
 */
export function prepareStart(node: RabbitNode, ports: RabbitPorts): NodeJS.ProcessEnv {
  const at = (name: string) => join(node.dataDir, name);
  const settings = {
    'listeners.tcp.local': `127.0.0.1:${ports.amqp}`,
    default_user: USER,
    default_pass: node.password,
    'log.file.level': 'warning',
    'log.file.rotation.size': String(10 * 1024 * 1024),
    'log.file.rotation.count': '2',
    // Small machines and shared ones: the broker's own alarms must not stop a private run before the disk is full.
    'disk_free_limit.absolute': '50MB',
  };
  const text = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(at('rabbitmq.conf'), text.join(''), { mode: 0o600 });
  writeFileSync(at('enabled_plugins'), '[].\n');
  return {
    ...erlangEnvironment(node, ports),
    RABBITMQ_NODENAME: node.nodeName,
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_CONFIG_FILE: at('rabbitmq.conf'),
    RABBITMQ_ADVANCED_CONFIG_FILE: at('advanced.config'),
    RABBITMQ_CONF_ENV_FILE: at('no-environment.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: at('enabled_plugins'),
    RABBITMQ_MNESIA_BASE: at('mnesia'),
    RABBITMQ_GENERATED_CONFIG_DIR: at('generated'),
    RABBITMQ_PID_FILE: at('rabbit.pid'),
    RABBITMQ_LOG_BASE: at('log'),
    RABBITMQ_LOGS: at('log/rabbit.log'),
    // No busy waiting: the broker shares its cores with all that talks to it.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
      '-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none',
    // Makes the start script become the broker instead of waiting beside it, so that signals reach it.
    detached: 'yes',
  };
}

/** What any Erlang program needs to see the broker's port mapper and its cookie, and nobody else's. */
export function erlangEnvironment(node: RabbitNode, ports: RabbitPorts): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    HOME: node.dataDir,
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  };
}
