import { randomUUID } from 'node:crypto';
import { connect } from 'amqplib';
import pg from 'pg';

/**
 * The floor of creating: two durable messages with confirms through bare amqplib, and one row written and finished by
 * bare pg. No operations, no quota, no placement. A process of its own:
 * `node floor-pipeline.js DATABASE_URL AMQP_URL COUNT IN_FLIGHT`; prints its figures as JSON.
 */
const [databaseUrl, amqpUrl, rounds, inFlight] = process.argv.slice(2) as [string, string, string, string];
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
await pool.query(
  'create unlogged table if not exists bench_floor (id uuid primary key, body jsonb, status text)',
);
await pool.query('alter table bench_floor set logged');
const connection = await connect(amqpUrl, { noDelay: true });
const channel = await connection.createConfirmChannel();
const waiting = new Map<string, () => void>();
for (const queue of ['bench.first', 'bench.second']) {
  await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await channel.purgeQueue(queue);
}
await channel.prefetch(64);

const send = (queue: string, id: string): Promise<void> =>
  new Promise((resolve, reject) => {
    channel.sendToQueue(queue, Buffer.from(JSON.stringify({ id })), { persistent: true }, (error: unknown) =>
      error ? reject(error as Error) : resolve(),
    );
  });

await channel.consume('bench.first', (message) => {
  if (!message) return;
  const { id } = JSON.parse(message.content.toString()) as { id: string };
  void send('bench.second', id).then(() => channel.ack(message));
});
await channel.consume('bench.second', (message) => {
  if (!message) return;
  const { id } = JSON.parse(message.content.toString()) as { id: string };
  void pool
    .query({ name: 'done', text: `update bench_floor set status = 'available' where id = $1`, values: [id] })
    .then(() => {
      channel.ack(message);
      waiting.get(id)?.();
    });
});

async function once(): Promise<void> {
  const id = randomUUID();
  const done = new Promise<void>((resolve) => waiting.set(id, resolve));
  await pool.query({
    name: 'new',
    text: `insert into bench_floor values ($1, '{}', 'creating')`,
    values: [id],
  });
  await send('bench.first', id);
  await done;
  waiting.delete(id);
}

async function run(count: number, width: number): Promise<number> {
  let left = count;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: width }, async () => {
      while (left-- > 0) await once();
    }),
  );
  return performance.now() - begun;
}

await run(50, 4);
const cpuBefore = process.cpuUsage();
const ms = await run(Number(rounds), Number(inFlight));
const cpu = process.cpuUsage(cpuBefore);
const alone = await run(50, 1);
console.log(JSON.stringify({ ms, cpuMs: (cpu.user + cpu.system) / 1000, aloneMs: alone / 50 }));
await connection.close();
await pool.query('drop table bench_floor');
await pool.end();
