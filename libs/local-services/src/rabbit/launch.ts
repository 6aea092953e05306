import { join } from 'node:path';
import { claimDirectory } from '../process/directory-claim.js';
import { canListen, freePort } from '../process/free-port.js';
import { endLeftover } from '../process/leftover.js';
import { ServerProcess } from '../process/server-process.js';
import { type RabbitInstallation, findRabbit } from './installation.js';
import {
  type RabbitNode,
  type RabbitPorts,
  USER,
  erlangEnvironment,
  prepareStart,
  rabbitNode,
} from './node-files.js';
import type { PrivateRabbitOptions } from './private-rabbit.js';
import { awaitAmqp } from './readiness.js';
import type { RunningNode } from './vhosts.js';

const BROKER = 'rabbit-process.json';
const PORT_MAPPER = 'epmd-process.json';
const LEFTOVER_MS = 30_000;
const START_ATTEMPTS = 3;

/** What Erlang and RabbitMQ say of a port that somebody else has. */
const PORT_TAKEN = /port_already_used|eaddrinuse/i;

/** A broker that accepts connections, and what belongs to it. */
export interface RabbitLaunch extends RunningNode {
  server: ServerProcess;
  node: RabbitNode;
  ports: RabbitPorts;
  url: string;
  /** Ends the port mapper and gives the directory back. To be called when the broker has ended. */
  release(): Promise<void>;
}

/** Claims the directory, ends what an earlier run left there, and starts the port mapper and the broker. */
export async function launchRabbit(options: PrivateRabbitOptions): Promise<RabbitLaunch> {
  const installation = findRabbit();
  const node = rabbitNode(options.dataDir);
  const giveUpClaim = claimDirectory(options.dataDir);
  const log = options.log ?? (() => undefined);
  try {
    await endLeftover(join(options.dataDir, BROKER), 'SIGTERM', LEFTOVER_MS, log);
    await endLeftover(join(options.dataDir, PORT_MAPPER), 'SIGKILL', LEFTOVER_MS, log);
    log('starting RabbitMQ');
    for (let attempt = 1; ; attempt++) {
      const ports = await choosePorts(options.port);
      const portMapper = await startPortMapper(installation, node, ports);
      const server = await startBroker(installation, node, ports);
      const url = `amqp://${USER}:${node.password}@127.0.0.1:${ports.amqp}`;
      const release = async () => {
        await portMapper.kill();
        giveUpClaim();
      };
      const env = erlangEnvironment(node, ports);
      if (await awaitAmqp(server, url)) {
        return { installation, nodeName: node.nodeName, env, server, node, ports, url, release };
      }
      await portMapper.kill();
      // Another process may have been quicker to take a port, and have let go of it since: the broker's words tell.
      const raced = PORT_TAKEN.test(server.logTail()) || !(await allFree(ports));
      const givenIsFree = options.port === undefined || (await canListen(options.port));
      if (attempt < START_ATTEMPTS && raced && givenIsFree) continue;
      throw new Error(`${server.ended}\n${server.logTail()}`);
    }
  } catch (error) {
    giveUpClaim();
    throw error;
  }
}

async function choosePorts(amqp: number | undefined): Promise<RabbitPorts> {
  return { amqp: amqp ?? (await freePort()), distribution: await freePort(), epmd: await freePort() };
}

async function allFree(ports: RabbitPorts): Promise<boolean> {
  return (await Promise.all(Object.values(ports).map(canListen))).every(Boolean);
}

/**
 * The port mapper runs as a child of its own: left to itself, the broker would start one that goes on for ever, on
 * all addresses, and that every Erlang program of the machine would share.
 */
function startPortMapper(
  installation: RabbitInstallation,
  node: RabbitNode,
  ports: RabbitPorts,
): Promise<ServerProcess> {
  return ServerProcess.spawn({
    name: "Erlang's port mapper",
    command: installation.epmd,
    args: [],
    env: erlangEnvironment(node, ports),
    cwd: node.dataDir,
    logFile: join(node.dataDir, 'epmd.log'),
    processFile: join(node.dataDir, PORT_MAPPER),
    signalOnParentDeath: 'KILL',
  });
}

/** Dies by SIGKILL with its parent: nothing that was confirmed is lost by it, and nothing can hold it up. */
function startBroker(
  installation: RabbitInstallation,
  node: RabbitNode,
  ports: RabbitPorts,
): Promise<ServerProcess> {
  return ServerProcess.spawn({
    name: 'RabbitMQ',
    command: installation.server,
    args: [],
    env: prepareStart(node, ports),
    cwd: node.dataDir,
    logFile: join(node.dataDir, 'rabbit-start.log'),
    processFile: join(node.dataDir, BROKER),
    signalOnParentDeath: 'KILL',
  });
}
