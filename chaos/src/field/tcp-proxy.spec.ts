import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { freePort, waitFor } from '@scoria/testing';
import { TcpProxy } from './tcp-proxy.js';

/** A server that answers each byte with the same byte, behind a proxy, and a way to connect to it. */
async function rig() {
  const served: Socket[] = [];
  const server = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const proxy = await TcpProxy.before((server.address() as AddressInfo).port);
  const clients: Client[] = [];
  return {
    proxy,
    served,
    dial: async (): Promise<Client> => {
      const client = new Client(connect(proxy.port, '127.0.0.1'));
      clients.push(client);
      await once(client.socket, 'connect');
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of clients) socket.destroy();
      await proxy.close();
      server.close();
    },
  };
}

class Client {
  heard = '';
  end: string | undefined;

  constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => (this.heard += bytes.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.end = error.code));
    socket.on('end', () => (this.end ??= 'ended'));
  }

  say(text: string): void {
    this.socket.write(text);
  }

  async hears(text: string): Promise<void> {
    await waitFor(() => this.heard, { describe: `"${text}"`, until: (heard) => heard === text });
  }

  async ends(how: string): Promise<void> {
    await waitFor(() => this.end, { describe: how, until: (end) => end === how });
  }
}

test('bytes and the end of a connection pass both ways', async () => {
  await using field = await rig();
  const client = await field.dial();
  client.say('one');
  await client.hears('one');
  client.socket.end();
  await client.ends('ended');
  await waitFor(() => field.proxy.connections === 0);
});

test('a cut link resets what is open and what is opened, and passes again afterwards', async () => {
  await using field = await rig();
  const before = await field.dial();
  before.say('x');
  await before.hears('x');
  field.proxy.become('cut');
  await before.ends('ECONNRESET');
  const meanwhile = new Client(connect(field.proxy.port, '127.0.0.1'));
  await meanwhile.ends('ECONNRESET');
  field.proxy.become('pass');
  const after = await field.dial();
  after.say('y');
  await after.hears('y');
});

test('where bytes vanish nothing is reset, until the link passes again and nobody knows the connection', async () => {
  await using field = await rig();
  const open = await field.dial();
  open.say('x');
  await open.hears('x');
  field.proxy.become('vanish');
  open.say('lost');
  const meanwhile = await field.dial();
  meanwhile.say('lost');
  // A sibling link shows that time has passed in which an answer would have come.
  await using sibling = await rig();
  const witness = await sibling.dial();
  witness.say('seen');
  await witness.hears('seen');
  expect([open.heard, open.end, meanwhile.heard, meanwhile.end]).toEqual(['x', undefined, '', undefined]);
  field.proxy.become('pass');
  await open.ends('ECONNRESET');
  await meanwhile.ends('ECONNRESET');
  expect(field.served.every((socket) => socket.bytesRead <= 1)).toBe(true);
});

test('a slow link keeps the order, and is fast again when the delay is gone', async () => {
  await using field = await rig();
  const client = await field.dial();
  client.say('0');
  await client.hears('0');
  field.proxy.slowDown(150);
  const began = performance.now();
  client.say('1');
  await waitFor(() => field.served[0]!.bytesRead === 2);
  expect(performance.now() - began).toBeGreaterThan(100);
  field.proxy.slowDown(0);
  client.say('2');
  await client.hears('012');
});

test('a server that is not there yet resets its clients and is found later', async () => {
  const port = await freePort();
  await using proxy = await TcpProxy.before(port);
  const early = new Client(connect(proxy.port, '127.0.0.1'));
  await early.ends('ECONNRESET');
  const server = createServer((socket) => socket.on('error', () => undefined).end('here'));
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const late = new Client(connect(proxy.port, '127.0.0.1'));
  await late.hears('here');
  late.socket.destroy();
  server.close();
});
