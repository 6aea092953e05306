import { freePort, waitFor } from '@scoria/testing';
import { NameServer } from '../test-support/name-server.js';
import { WebhookWorld } from '../test-support/webhook-world.js';

/** A service inside, which nobody may deliver to; the receivers' network is 127.0.0.1 alone. */
const INNER = '127.0.0.2';

let world: WebhookWorld;
beforeEach(async () => void (world = await WebhookWorld.open()));
afterEach(() => world[Symbol.asyncDispose]());

const failedOnce = (id: string) =>
  waitFor(() => world.show(id), { until: ({ failures }) => Number(failures) > 0 });

test('a redirect to an inner address is not followed', async () => {
  const [receiver, inner] = [await world.receiver(), await world.receiver(INNER)];
  receiver.answer = (response) => void response.writeHead(307, { location: inner.url }).end();
  const id = await world.webhook(receiver.url);
  world.deliverer();
  await world.write(['a']);
  expect((await failedOnce(id))['last_error']).toBe(
    'The receiver answered 307, and redirects are not followed.',
  );
  expect(inner.received).toEqual([]);
});

test.each([
  ['an inner address', (port: number) => `http://${INNER}:${port}/`],
  ['an inner address in disguise', (port: number) => `http://0x7f000002:${port}/`],
  ['an inner address as IPv6', (port: number) => `http://[::ffff:${INNER}]:${port}/`],
  ['a port of the machine that nobody allowed', (port: number) => `http://[::1]:${port}/`],
])('%s is refused at delivery, whoever let it in', async (_, url) => {
  const inner = await world.receiver(INNER);
  const id = await world.webhook(url(inner.port));
  world.deliverer();
  await world.write(['a']);
  expect((await failedOnce(id))['last_error']).toMatch(/not allowed/);
  expect(inner.received).toEqual([]);
});

test('a name that means a public address when it is checked and an inner one later is refused later', async () => {
  await using names = await NameServer.start();
  const receiver = await world.receiver();
  receiver.answer = (response) => void response.writeHead(204, { connection: 'close' }).end();
  const inner = await world.receiver(INNER, receiver.port);
  names.addresses = ['127.0.0.1'];
  const id = await world.webhook(`http://receiver.example:${receiver.port}/hook`);
  world.deliverer({}, { nameServers: [names.server] });
  await world.write(['a']);
  await waitFor(() => receiver.names.length === 1);
  // The connection went to the address that was checked: the name was asked for once.
  expect(names.questions).toBe(1);

  names.addresses = [INNER];
  await world.write(['b']);
  expect((await failedOnce(id))['last_error']).toBe('The URL leads to an address that is not public.');

  // One good address among others is not enough.
  names.addresses = ['127.0.0.1', INNER];
  const failures = Number((await world.show(id))['failures']);
  await waitFor(() => world.show(id), { until: (shown) => Number(shown['failures']) > failures + 1 });
  expect(receiver.names).toEqual(['a']);

  names.addresses = ['127.0.0.1'];
  await waitFor(() => receiver.names.length === 2);
  expect(inner.received).toEqual([]);
});

test('a receiver that answers with an endless body has taken the delivery, and keeps nobody busy', async () => {
  const receiver = await world.receiver();
  let cut = 0;
  receiver.answer = (response) => {
    response.writeHead(200);
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more).on('close', () => cut++);
    more();
  };
  await world.webhook(receiver.url);
  world.deliverer();
  await world.write(['a']);
  await waitFor(() => receiver.names.length === 1);
  await world.write(['b']);
  await waitFor(() => receiver.names.length === 2 && cut > 0);
  expect(receiver.names).toEqual(['a', 'b']);
});

test('a receiver that never ends its answer’s headers is given up after the time limit', async () => {
  const receiver = await world.receiver();
  receiver.answer = () => {};
  const id = await world.webhook(receiver.url);
  world.deliverer({ timeoutSeconds: 1 });
  await world.write(['a']);
  expect((await failedOnce(id))['last_error']).toBe('The receiver did not answer within 1 s.');
});

test('a receiver with endless headers is cut off', async () => {
  const receiver = await world.receiver();
  receiver.answer = (response) => void response.writeHead(200, { x: 'y'.repeat(100_000) }).end();
  const id = await world.webhook(receiver.url);
  world.deliverer();
  await world.write(['a']);
  expect((await failedOnce(id))['last_error']).toMatch(/could not be reached/);
});

test('a name without an address, and a port where nobody listens, are failures like others', async () => {
  await using names = await NameServer.start();
  const ids = [
    await world.webhook(`http://127.0.0.1:${await freePort()}/`),
    await world.webhook('http://nowhere.example/'),
  ];
  world.deliverer({}, { nameServers: [names.server] });
  await world.write(['a']);
  for (const id of ids) expect((await failedOnce(id))['last_error']).toMatch(/could not be reached/);
});

test('plain http is refused where it is not allowed', async () => {
  const receiver = await world.receiver();
  const id = await world.webhook(receiver.url);
  world.deliverer({ allowHttp: false });
  await world.write(['a']);
  expect((await failedOnce(id))['last_error']).toMatch(/must begin with https/);
  expect(receiver.received).toEqual([]);
});
