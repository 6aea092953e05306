import { connect, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { Field } from '../field/field.js';
import { pause, until } from '../field/until.js';
import type { Fault } from './fault.js';

const EXCHANGE = 'scoria';
/** Milliseconds after which copies come again. */
const LATEST_MS = 4000;
const PURGE_EVERY_MS = 250;
/** Milliseconds for the services to declare anew what a broker that was wiped has lost. */
const DECLARED_MS = 60_000;

async function speak(field: Field): Promise<ChannelModel> {
  const connection = await connect(field.state.amqpUrl);
  connection.on('error', () => undefined);
  return connection;
}

/** What is not there closes the channel that asked for it. */
async function isDeclared(connection: ChannelModel): Promise<boolean> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  const found = await channel.checkExchange(EXCHANGE).then(
    () => true,
    () => false,
  );
  await channel.close().catch(() => undefined);
  return found;
}

/** Queues of doorbells: one for the schedulers, one for each backend. */
const queuesOf = (field: Field): string[] => [
  'scheduler',
  ...field.storageHosts.flatMap(({ host }) => [`volume.${host}@file`, `volume.${host}@null`]),
];

export const doubleDoorbells: Fault = {
  name: 'double-doorbells',
  what: 'Every doorbell comes again, once or twice, late and in another order.',
  seconds: [5, 20],
  slice: true,
  excuses: false,
  aims: () => ['rabbit'],
  async inflict(field, _, { chance }) {
    const connection = await speak(field);
    await until('the exchange', DECLARED_MS, () => isDeclared(connection));
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    const { queue } = await channel.assertQueue('', { exclusive: true });
    for (const key of queuesOf(field)) await channel.bindQueue(queue, EXCHANGE, key);
    const copies = new Set<string>();
    const timers = new Set<NodeJS.Timeout>();
    const again = ({ fields, properties, content }: ConsumeMessage): void => {
      const id = String(properties.messageId);
      // A copy is seen here too: it shall not be copied for ever.
      if (copies.has(id)) return;
      copies.add(id);
      for (let times = 1 + Math.floor(chance.next() * 2); times > 0; times--)
        timers.add(
          setTimeout(
            () => channel.publish(EXCHANGE, fields.routingKey, content, properties),
            chance.between(0, LATEST_MS),
          ),
        );
    };
    await channel.consume(queue, (message) => message && again(message), { noAck: true });
    return async () => {
      timers.forEach(clearTimeout);
      await connection.close().catch(() => undefined);
    };
  },
};

export const loseDoorbells: Fault = {
  name: 'lose-doorbells',
  what: 'Queues are emptied four times a second: most doorbells that nobody has taken yet are lost.',
  seconds: [5, 20],
  slice: true,
  excuses: false,
  aims: () => ['rabbit'],
  async inflict(field) {
    const healing = new AbortController();
    const connection = await speak(field);
    const purging = (async () => {
      while (!healing.signal.aborted) {
        for (const queue of queuesOf(field)) {
          // A queue that is not there closes the channel.
          const channel = await connection.createChannel().catch(() => undefined);
          channel?.on('error', () => undefined);
          await channel?.purgeQueue(queue).catch(() => undefined);
          await channel?.close().catch(() => undefined);
        }
        await pause(PURGE_EVERY_MS, healing.signal);
      }
    })();
    return async () => {
      healing.abort();
      await purging;
      await connection.close().catch(() => undefined);
    };
  },
};
