import { once } from 'node:events';
import { connect } from 'node:net';
import { waitFor } from '@scoria/testing';
import { RoleAuthenticator } from '../testing/role-authenticator.js';
import { seedVolume } from '../testing/seed.js';
import { SECRETS_KEY, StorageStandIn } from '../testing/storage-stand-in.js';
import { startTestApi, type TestApi, type TestApiOptions } from '../testing/test-api.js';

const ME = 'u:p:member,reader';
const KEY = 'the-one-attach';

/** A gateway whose storage answers when it is told to. */
class Gateway implements AsyncDisposable {
  private constructor(
    readonly api: TestApi,
    readonly storage: StorageStandIn,
  ) {}

  static async start(more: Omit<TestApiOptions, 'config'> = {}, drainSeconds = 0): Promise<Gateway> {
    let gateway: Gateway | undefined = undefined;
    const api = await startTestApi({
      authenticator: new RoleAuthenticator(),
      config: { secrets: { key: SECRETS_KEY }, api: { authStrategy: 'noauth', drainSeconds } },
      ring: (due) => gateway!.storage.ring(due),
      ...more,
    });
    gateway = new Gateway(api, new StorageStandIn(api.database));
    return gateway;
  }

  /** A request that waits for an operation of the storage. */
  attach(volume: string) {
    const connector = { initiator: 'iqn.1993-08.org.debian:01:one', host: 'compute1' };
    const body = { attachment: { volume_uuid: volume, connector } };
    const headers = { 'idempotency-key': KEY };
    return this.api.as(ME).send<{ attachment: { id: string } }>('POST', '/v3/attachments', body, {
      version: '3.71',
      headers,
    });
  }

  async isWaitedFor(): Promise<void> {
    await waitFor(() => this.api.database.query('select from operations where live and awaited'), {
      until: (rows) => rows.length === 1,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.close();
  }
}

test('a gateway that stops says so at once, and still takes requests, each the last of its connection', async () => {
  // Long enough for the requests below on a machine that has other things to do.
  await using gateway = await Gateway.start({}, 10);
  const { api } = gateway;
  const look = (path: string) => fetch(`${api.url}${path}`, { headers: { 'x-auth-token': ME } });
  const before = await look('/ready');
  expect([before.status, before.headers.get('connection')]).toEqual([200, 'keep-alive']);
  const stopping = api.stop(0);
  const ready = await look('/ready');
  expect([ready.status, await ready.json()]).toEqual([503, { ok: false, reasons: ['stopping'] }]);
  expect((await look('/healthcheck')).status).toBe(503);
  expect((await look('/live')).status).toBe(200);
  const list = await look('/v3/volumes');
  expect([list.status, list.headers.get('connection')]).toEqual([200, 'close']);
  await stopping;
  await expect(look('/live')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('the death of the broker does not take all gateways out of the service: they take requests without it', async () => {
  await using gateway = await Gateway.start();
  await gateway.api.bus.close();
  const ready = await fetch(`${gateway.api.url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ok: true, reasons: ['the message bus is not connected'] },
  ]);
});

test('a request that waits for an operation gets its answer when that ends before the gateway does', async () => {
  await using gateway = await Gateway.start();
  gateway.storage.paused = true;
  const asked = gateway.attach(await seedVolume(gateway.api.database));
  await gateway.isWaitedFor();
  const stopping = gateway.api.stop(600_000);
  await gateway.storage.resume();
  expect(await asked).toMatchObject({ status: 200, body: { attachment: { status: 'attaching' } } });
  expect((await asked).headers.get('connection')).toBe('close');
  await stopping;
});

test('a request that waits longer is asked to come again, and finds the result under its key at another gateway', async () => {
  await using gateway = await Gateway.start();
  await using other = await Gateway.start({ beside: gateway.api });
  const volume = await seedVolume(gateway.api.database);
  gateway.storage.paused = true;
  const asked = gateway.attach(volume);
  await gateway.isWaitedFor();
  await gateway.api.stop(0);
  const answer = await asked;
  expect(answer).toMatchObject({ status: 503, body: { serviceUnavailable: { code: 503 } } });
  expect(answer.headers.get('retry-after')).toBe('1');
  const again = other.attach(volume);
  await gateway.storage.resume();
  expect(await again).toMatchObject({ status: 200 });
  const rows = await other.api.database.query<{ id: string }>('select id from attachments');
  expect(rows).toEqual([{ id: (await again).body.attachment.id }]);
});

test('a client that begins a request and never ends it does not hold up the stop', async () => {
  await using gateway = await Gateway.start();
  const slow = connect(Number(new URL(gateway.api.url).port), '127.0.0.1');
  await once(slow, 'connect');
  slow.write('GET /v3/volumes HTTP/1.1\r\nHost: scoria\r\n');
  const ended = once(slow, 'close');
  slow.resume().on('error', () => undefined);
  await gateway.api.stop(0);
  await ended;
});
