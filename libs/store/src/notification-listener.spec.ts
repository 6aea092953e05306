import { testDatabase, waitFor } from '@scoria/testing';
import { NotificationListener } from './notification-listener.js';
import { hostileRelay } from './test-support/hostile-relay.js';

/** An answer is waited for for 5 seconds. */
const PATIENCE_MS = 50_000;

/** Counts how often it begins to listen. */
function listen(url: string) {
  const listener = new NotificationListener(url);
  const seen = { listener, begun: 0 };
  listener.on('channel', () => void seen.begun++);
  return seen;
}

test('a server that vanishes before it has answered keeps nobody from stopping', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  relay.turn('swallow after birth');
  const { listener } = listen(relay.url);
  await waitFor(() => relay.swallowed > 0);
  await listener.close();
});

test('a server that vanishes while it has nothing to say keeps nobody from stopping', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  const seen = listen(relay.url);
  await waitFor(() => seen.begun === 1);
  relay.turn('swallow');
  await seen.listener.close();
});

test('a server that vanishes before it has answered is asked again', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  relay.turn('swallow after birth');
  const seen = listen(relay.url);
  try {
    await waitFor(() => relay.swallowed > 0);
    relay.turn('pass');
    await waitFor(() => seen.begun === 1, { timeoutMs: PATIENCE_MS });
  } finally {
    await seen.listener.close();
  }
});

test('a channel that a vanished server was asked for is asked of the next one', async () => {
  await using real = await testDatabase();
  using relay = await hostileRelay(real.url);
  const seen = listen(relay.url);
  try {
    await waitFor(() => seen.begun === 1);
    relay.turn('swallow');
    let begun = false;
    seen.listener.on('another', () => (begun = true));
    await waitFor(() => relay.swallowed > 0);
    relay.turn('pass');
    await waitFor(() => begun, { timeoutMs: PATIENCE_MS });
  } finally {
    await seen.listener.close();
  }
});
