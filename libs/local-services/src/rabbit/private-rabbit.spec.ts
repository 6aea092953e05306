import { join } from 'node:path';
import { type ChannelModel, connect } from 'amqplib';
import { heldServer } from '../fixtures/held-server.js';
import { LOOPBACK, listeningAddresses } from '../fixtures/listening.js';
import { scratchDirectory } from '../fixtures/scratch.js';
import { recordedProcess } from '../process/leftover.js';
import { waitUntilGone } from '../process/process-table.js';
import { findRabbit } from './installation.js';
import { PrivateRabbit } from './private-rabbit.js';

const linux = process.platform === 'linux';
/** A broker takes ten seconds to start on an idle machine. */
const STARTS_MS = 300_000;
const GONE_MS = 30_000;

const scratch = scratchDirectory();
const running = new Set<PrivateRabbit>();

async function start(name: string): Promise<PrivateRabbit> {
  const broker = await PrivateRabbit.start({ dataDir: join(scratch, name) });
  running.add(broker);
  return broker;
}

let broker: PrivateRabbit;
beforeAll(async () => (broker = await start('one')), STARTS_MS);
afterAll(async () => void (await Promise.all([...running].map((one) => one.stop()))), STARTS_MS);

describe('a private RabbitMQ', () => {
  it(
    'keeps confirmed messages and its address when it is killed, and neither when it is wiped',
    async () => {
      const { url } = broker;
      await send(url, 'kept');
      await broker.kill();
      await broker.restart();
      expect(broker.url).toBe(url);
      expect(await count(broker.url, 'kept')).toBe(1);
      await broker.restart({ wipe: true });
      expect(await count(broker.url, 'kept')).toBe(0);
    },
    STARTS_MS,
  );

  it(
    'does not collide with another one, and neither listens beyond loopback',
    async () => {
      const second = await start('two');
      await send(broker.url, 'mine');
      expect(await count(second.url, 'mine')).toBe(0);
      if (!linux) return;
      for (const { pid } of [broker, second]) {
        const addresses = listeningAddresses(pid);
        // AMQP and Erlang's distribution.
        expect(addresses).toHaveLength(2);
        for (const address of addresses) expect(LOOPBACK).toContain(address);
      }
    },
    STARTS_MS,
  );

  it('keeps virtual hosts apart, and takes their connections along when they are deleted', async () => {
    await Promise.all([broker.addVhost('left'), broker.addVhost('right')]);
    await send(broker.urlOf('left'), 'work');
    expect(await count(broker.urlOf('right'), 'work')).toBe(0);
    const open = await connected(broker.urlOf('left'));
    const closed = new Promise((resolve) => open.once('close', resolve));
    await broker.deleteVhost('left');
    await closed;
    await expect(broker.addVhost('"right">>, os:cmd("x")')).rejects.toThrow('not a name for a virtual host');
  });

  (linux ? it : it.skip)(
    'does not outlive a parent that is killed, nor does its port mapper',
    async () => {
      const dataDir = join(scratch, 'orphan');
      const held = await heldServer('rabbit', dataDir);
      const portMapper = recordedProcess(join(dataDir, 'epmd-process.json'));
      expect(portMapper).toBeGreaterThan(1);
      await held.killParent();
      expect(await waitUntilGone(held.pid, GONE_MS)).toBe(true);
      expect(await waitUntilGone(portMapper!, GONE_MS)).toBe(true);
    },
    STARTS_MS,
  );

  it('names the package to install when it is missing', () => {
    expect(() => findRabbit([scratch])).toThrow('apt-get install --no-install-recommends rabbitmq-server');
  });
});

async function connected(url: string): Promise<ChannelModel> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  return connection;
}

async function send(url: string, queue: string): Promise<void> {
  const connection = await connected(url);
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue(queue, { durable: true });
  channel.sendToQueue(queue, Buffer.from('x'), { persistent: true });
  await channel.waitForConfirms();
  await connection.close();
}

async function count(url: string, queue: string): Promise<number> {
  const connection = await connected(url);
  const channel = await connection.createChannel();
  const { messageCount } = await channel.assertQueue(queue, { durable: true });
  await connection.close();
  return messageCount;
}
