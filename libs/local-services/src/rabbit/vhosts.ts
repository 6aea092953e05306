import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { RabbitInstallation } from './installation.js';
import { USER } from './node-files.js';

const VHOST = /^[a-z0-9-]{1,64}$/;
const QUEUE = /^[\w.@-]{1,200}$/;
const LIMIT_MS = 30_000;
const LONGEST_ANSWER = 16 * 1024;

export interface RunningNode {
  installation: RabbitInstallation;
  nodeName: string;
  env: NodeJS.ProcessEnv;
}

/** Adds a virtual host in which the private user may do everything. */
export async function addVhost(node: RunningNode, name: string): Promise<void> {
  const vhost = binary(name);
  await evaluate(
    node,
    `ok = rabbit_vhost:add(${vhost}, <<"${USER}">>),
     ok = rabbit_auth_backend_internal:set_permissions(
       <<"${USER}">>, ${vhost}, <<".*">>, <<".*">>, <<".*">>, <<"${USER}">>).`,
  );
}

/** Removes a virtual host with its queues, and closes the connections to it. */
export async function deleteVhost(node: RunningNode, name: string): Promise<void> {
  await evaluate(node, `ok = rabbit_vhost:delete(${binary(name)}, <<"${USER}">>).`);
}

/** Ends the process behind a quorum queue of the default virtual host, or makes it silent; its record stays. */
export async function breakQuorumQueue(
  node: RunningNode,
  queue: string,
  how: 'ended' | 'silent',
): Promise<void> {
  if (!QUEUE.test(queue)) throw new Error(`not a name for a queue: ${JSON.stringify(queue)}`);
  await evaluate(
    node,
    `{ok, Q} = rabbit_amqqueue:lookup(rabbit_misc:r(<<"/">>, queue, <<"${queue}">>)),
     {Name, _} = amqqueue:get_pid(Q),
     ok = ${how === 'ended' ? 'ra:stop_server(quorum_queues, amqqueue:get_pid(Q))' : 'sys:suspend(whereis(Name))'}.`,
  );
}

function binary(name: string): string {
  if (!VHOST.test(name)) throw new Error(`not a name for a virtual host: ${JSON.stringify(name)}`);
  return `<<"${name}">>`;
}

/**
 * Evaluates Erlang expressions in the broker. `erl_call` does in milliseconds what takes rabbitmqctl, which starts
 * an Erlang of its own, more than a second.
 */
function evaluate({ installation, nodeName, env }: RunningNode, expressions: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // A name for this call as a node: two at once under the default one would shut each other out.
    const caller = `scoria-${randomUUID()}`;
    const child = spawn(installation.erlCall, ['-sname', nodeName, '-h', caller, '-e'], {
      env,
      timeout: LIMIT_MS,
    });
    let answer = '';
    const collect = (chunk: Buffer) => (answer = (answer + chunk.toString()).slice(0, LONGEST_ANSWER));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', () => {
      if (answer.startsWith('{ok, ')) resolve();
      else reject(new Error(`RabbitMQ refused a command: ${answer.trim() || 'no answer'}`));
    });
    child.stdin.end(`${expressions}\n`);
  });
}
