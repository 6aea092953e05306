import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { waitFor } from '@scoria/testing';
import { EventFollower } from './event-follower.js';

type Serve = (response: ServerResponse, request: IncomingMessage) => void;

const event = (id: string): string => `id: ${id}\nevent: volume.create.end\ndata: {"id": "${id}"}\n\n`;

/** A gateway that answers one stream after the other as told, and then is silent. Answers where each went on from. */
async function gateway(...serve: Serve[]) {
  const from: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    from.push(request.headers['last-event-id'] as string | undefined);
    (serve.shift() ?? (() => response.flushHeaders()))(response, request);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { url: `http://127.0.0.1:${port}`, from, [Symbol.asyncDispose]: close };
}

test('it goes on from the last id when a gateway dies in the middle of an event', async () => {
  await using server = await gateway(
    (response) =>
      response.write(`retry: 1000\nid: 0-0\n\n${event('1-1')}${event('1-2').slice(0, 20)}`, () =>
        response.destroy(),
      ),
    (response) => response.end(event('1-2') + event('2-1')),
  );
  await using follower = new EventFollower([server.url]);
  await waitFor(() => server.from.length === 3);
  expect(server.from).toEqual([undefined, '1-1', '2-1']);
  expect(follower.seen).toEqual(['1-1', '1-2', '2-1']);
});

test('what says only where to go on from is no event, and is where it goes on from', async () => {
  await using server = await gateway((response) => response.end(`${event('1-1')}:\nid: 5-0\n\n`));
  await using follower = new EventFollower([server.url]);
  await waitFor(() => server.from.length === 2);
  expect(server.from[1]).toBe('5-0');
  expect(follower.seen).toEqual(['1-1']);
});

test('what is sent twice is kept twice: nobody hides it from the check', async () => {
  await using server = await gateway(
    (response) => response.end(event('1-1')),
    (response) => response.end(event('1-1')),
  );
  await using follower = new EventFollower([server.url]);
  await waitFor(() => server.from.length === 3);
  expect(follower.seen).toEqual(['1-1', '1-1']);
});

test('a gateway that refuses, or is not there, is not the end: the next one is asked', async () => {
  await using refusing = await gateway((response) => response.writeHead(503).end());
  const gone = await gateway();
  await gone[Symbol.asyncDispose]();
  let refused = 0;
  await using server = await gateway((response) => {
    refused = refusing.from.length;
    response.end(event('1-1'));
  });
  await using follower = new EventFollower([refusing.url, gone.url, server.url]);
  await waitFor(() => follower.seen.length === 1);
  expect(refused).toBe(1);
});
