import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Logger } from '@nestjs/common';
import { BusUnavailableError } from '@scoria/contracts';
import { PrivateRabbit } from '@scoria/local-services';
import { removeTempDirs, tempDir, waitFor } from '@scoria/testing';
import { onBroadcast, onCall, onCast } from '../server/handlers.js';
import { BROKER_START_MS, OTHER_QUEUE, QUEUE } from '../test-support/harness.js';
import { Inbox } from '../test-support/inbox.js';
import { type Job, type Question, job, news, question } from '../test-support/test-contracts.js';
import { RabbitBus } from './rabbit-bus.js';

const BUS_USER = fileURLToPath(new URL('../test-support/bus-user.js', import.meta.url));

function inTwoMinutes(): Date {
  return new Date(Date.now() + 120_000);
}

describe('the RabbitMQ bus and its broker', () => {
  let rabbit: PrivateRabbit;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    rabbit = await PrivateRabbit.start({ dataDir: tempDir('bus-rabbit') });
  }, BROKER_START_MS);
  afterAll(async () => {
    await rabbit.stop();
    removeTempDirs();
  }, BROKER_START_MS);

  it.each([
    ['shut down', () => rabbit.stop()],
    ['killed', () => rabbit.kill()],
  ])(
    'lose no cast and need no restart of their own when the broker is %s and comes back',
    async (_, end) => {
      const bus = new RabbitBus({ url: rabbit.url });
      const user = startBusUser(rabbit.url);
      const held = new Inbox<Question>().hold();
      const served = new Inbox<Job>();
      const heard = new Inbox<Job>();
      const away = bus.serve({ queues: [OTHER_QUEUE], handlers: [] });
      const answer = onCall(question, async (body, context) => {
        if (body.number === 1) await held.handle(body, context);
        return { doubled: 2 * body.number };
      });
      const handlers = [onCast(job, served.handle), onBroadcast(news, heard.handle), answer];
      await Promise.all([away.ready, bus.serve({ queues: [QUEUE], handlers }).ready]);
      await away.drain();
      await bus.cast(job, OTHER_QUEUE, { number: 1 });
      const pending = bus.call(question, QUEUE, { number: 1 }, { deadline: inTwoMinutes() });
      const lost = expect(pending).rejects.toThrow(BusUnavailableError);
      await held.received(1);
      await user.sees('good');

      await end();
      await lost;
      held.release();
      const waiting = bus.cast(job, QUEUE, { number: 2 }, { timeoutMs: 120_000 });
      const asking = bus.call(question, QUEUE, { number: 2 }, { deadline: inTwoMinutes() });
      await user.sees('bad');
      await rabbit.restart();

      await waiting;
      expect(await asking).toEqual({ doubled: 4 });
      await served.received(1);
      await waitFor(async () => {
        await bus.broadcast(news, { number: 3 });
        return heard.bodies.length > 0;
      });
      const kept = new Inbox<Job>();
      await bus.serve({ queues: [OTHER_QUEUE], handlers: [onCast(job, kept.handle)] }).ready;
      expect((await kept.received(1)).map(({ number }) => number)).toEqual([1]);
      await user.sees('good');
      expect(await user.end()).toEqual({ code: 0, errors: '' });
      await bus.close();
    },
    BROKER_START_MS,
  );
});

/** Uses the bus all the time from a process of its own, which ends when anything there goes uncaught. */
function startBusUser(url: string): {
  sees(line: 'good' | 'bad'): Promise<void>;
  end(): Promise<{ code: number | null; errors: string }>;
} {
  const child = spawn(process.execPath, [BUS_USER, url], { stdio: 'pipe' });
  let seen: string[] = [];
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => seen.push(...text.split('\n')));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    async sees(line) {
      seen = [];
      await waitFor(() => seen.includes(line), {
        describe: `a bus user that fares ${line}`,
        timeoutMs: 60_000,
      });
    },
    async end() {
      const closed = once(child, 'close');
      child.stdin.end();
      const [code] = (await closed) as [number | null];
      return { code, errors };
    },
  };
}
