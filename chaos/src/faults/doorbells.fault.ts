import { connect, type Channel, type ChannelModel, type ConsumeMessage } from 'amqplib';
import type { Field } from '../field/field.js';
import { pause, until, within } from '../field/until.js';
import type { Fault } from './fault.js';

const EXCHANGE = 'scoria';
/** Milliseconds after which copies come again. */
const LATEST_MS = 4000;
const PURGE_EVERY_MS = 250;
/** Milliseconds for the broker to answer. */
const ANSWER_MS = 10_000;
/** Milliseconds for the services, of which one may just have been started, to declare anew what a broker that was wiped has lost. */
const DECLARED_MS = 120_000;
/** The broker's code for what is not there (AMQP 0-9-1). */
const NOT_FOUND = 404;

/** A connection of our own to the broker. What it asks for goes unanswered when the broker has crashed inside. */
class Line implements AsyncDisposable {
  private constructor(private readonly connection: ChannelModel) {}

  static async open(field: Field): Promise<Line> {
    const connection = await within('the broker', ANSWER_MS, connect(field.state.amqpUrl));
    connection.on('error', () => undefined);
    return new Line(connection);
  }

  /** Does something over a channel of its own. */
  async over<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await within('a channel', ANSWER_MS, this.connection.createChannel());
    channel.on('error', () => undefined);
    return within('an answer of the broker', ANSWER_MS, work(channel));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = (async () => this.connection.close())();
    await within('the connection to close', ANSWER_MS, closed).catch(() => undefined);
  }
}

/** Tries until it succeeds, each time over a new connection; the last stays open. Services declare anew what a wiped broker lost. */
async function overNewLine(field: Field, work: (channel: Channel) => Promise<void>): Promise<Line> {
  let open: Line | undefined;
  await until('the broker to take our wishes', DECLARED_MS, async () => {
    const line = await Line.open(field).catch(() => undefined);
    const done = await line?.over(work).then(
      () => true,
      () => false,
    );
    if (done) open = line;
    else await line?.[Symbol.asyncDispose]();
    return done === true;
  });
  return open!;
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
    const copies = new Set<string>();
    const timers = new Set<NodeJS.Timeout>();
    const again = (channel: Channel, { fields, properties, content }: ConsumeMessage): void => {
      const id = String(properties.messageId);
      // A copy is seen here too: it shall not be copied for ever.
      if (copies.has(id)) return;
      copies.add(id);
      for (let times = 1 + Math.floor(chance.next() * 2); times > 0; times--)
        timers.add(
          setTimeout(
            () => {
              try {
                channel.publish(EXCHANGE, fields.routingKey, content, properties);
              } catch {
                // The broker has closed the channel: no more copies.
              }
            },
            chance.between(0, LATEST_MS),
          ),
        );
    };
    const line = await overNewLine(field, async (channel) => {
      await channel.checkExchange(EXCHANGE);
      const { queue } = await channel.assertQueue('', { exclusive: true });
      for (const key of queuesOf(field)) await channel.bindQueue(queue, EXCHANGE, key);
      await channel.consume(queue, (message) => message && again(channel, message), { noAck: true });
    });
    return async () => {
      timers.forEach(clearTimeout);
      await line[Symbol.asyncDispose]();
    };
  },
};

/** Again and again over one connection, until it breaks. @param emptied takes the names of queues that were there */
async function purge(field: Field, emptied: Set<string>, signal: AbortSignal): Promise<void> {
  await using line = await Line.open(field);
  while (!signal.aborted) {
    for (const queue of queuesOf(field))
      // A queue that is not there closes the channel.
      await line
        .over(async (channel) => {
          await channel.purgeQueue(queue);
          emptied.add(queue);
          await channel.close();
        })
        .catch((error: unknown) => {
          if ((error as { code?: unknown }).code !== NOT_FOUND) throw error;
        });
    await pause(PURGE_EVERY_MS, signal);
  }
}

export const loseDoorbells: Fault = {
  name: 'lose-doorbells',
  what: 'Queues are emptied four times a second: most doorbells that nobody has taken yet are lost.',
  seconds: [5, 20],
  slice: true,
  excuses: false,
  aims: () => ['rabbit'],
  async inflict(field) {
    const healing = new AbortController();
    const emptied = new Set<string>();
    const purging = (async () => {
      while (!healing.signal.aborted) {
        await purge(field, emptied, healing.signal).catch(() => undefined);
        await pause(PURGE_EVERY_MS, healing.signal);
      }
    })();
    return async () => {
      const never = (): string[] => queuesOf(field).filter((queue) => !emptied.has(queue));
      // A queue by a name that no service declares would make this nothing. One that was wiped comes back with its service.
      const all = until('every queue to be emptied once', DECLARED_MS, async () => never().length === 0);
      await all
        .catch((error: Error) => {
          throw new Error(`${error.message}: not ${never().join(', ')}`);
        })
        .finally(async () => {
          healing.abort();
          await purging;
        });
    };
  },
};
