import { createHmac } from 'node:crypto';
import { Random } from '../random.js';
import { WebhookReceiver } from './webhook-receiver.js';

const HOUR = 3600;

/** Chances that come out as told, and then never. */
class Told extends Random {
  constructor(private readonly outcomes: boolean[]) {
    super(0);
  }

  override chance(): boolean {
    return this.outcomes.shift() ?? false;
  }
}

interface Delivery {
  ids: string[];
  secret?: string;
  /** Seconds. */
  late?: number;
}

/** The status of the answer, or `none`. */
async function deliver(receiver: WebhookReceiver, { ids, secret = receiver.secret, late = 0 }: Delivery) {
  const body = JSON.stringify({ data: { events: ids.map((id) => ({ id })) } });
  const seconds = Math.floor(Date.now() / 1000) - late;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const signature = createHmac('sha256', key).update(`w_1.${seconds}.${body}`).digest('base64');
  const headers = {
    'webhook-id': 'w_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
  return fetch(receiver.url, { method: 'POST', headers, body }).then(
    ({ status }) => status,
    () => 'none',
  );
}

test('what comes is kept in the order in which it came, twice when it came twice', async () => {
  await using receiver = await WebhookReceiver.listen(new Told([]));
  expect(await deliver(receiver, { ids: ['1-1', '1-2'] })).toBe(204);
  expect(await deliver(receiver, { ids: ['1-2', '2-1'] })).toBe(204);
  expect(receiver).toMatchObject({ seen: ['1-1', '1-2', '1-2', '2-1'], forged: [] });
});

test('a delivery that somebody else has signed is not taken, and is told of', async () => {
  await using receiver = await WebhookReceiver.listen(new Told([]));
  const secret = `whsec_${Buffer.alloc(32).toString('base64')}`;
  expect(await deliver(receiver, { ids: ['1-1'], secret })).toBe(401);
  expect(receiver).toMatchObject({ seen: [], forged: ['w_1'] });
});

test.each([HOUR, -HOUR])(
  'a delivery that is %i seconds old is not taken, and nobody is blamed',
  async (late) => {
    await using receiver = await WebhookReceiver.listen(new Told([]));
    expect(await deliver(receiver, { ids: ['1-1'], late })).toBe(401);
    expect(receiver).toMatchObject({ seen: [], forged: [] });
  },
);

test('a delivery that it refuses was not taken, one that it does not answer was', async () => {
  await using receiver = await WebhookReceiver.listen(new Told([true, false, true]));
  expect(await deliver(receiver, { ids: ['1-1'] })).toBe(503);
  expect(receiver.seen).toEqual([]);
  expect(await deliver(receiver, { ids: ['1-1'] })).toBe('none');
  expect(receiver.seen).toEqual(['1-1']);
});
