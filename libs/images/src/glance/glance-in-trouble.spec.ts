import { randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { ImageCaller } from '../image-caller.js';
import { GlanceImageService } from './glance-image-service.js';

const MIB = 1024 ** 2;

describe('a Glance in trouble', () => {
  const caller: ImageCaller = { projectId: 'mine', userId: 'me', token: 'secret-token' };
  let server: Server;
  let asked: number;
  let answer: (response: ServerResponse) => void;
  let service: GlanceImageService;

  beforeEach(async () => {
    asked = 0;
    server = createServer((_, response) => {
      asked++;
      answer(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    service = new GlanceImageService({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await service.close();
  });

  it.each([
    ['answers 503', (response) => response.writeHead(503).end('busy')],
    ['drops connections', (response) => response.destroy()],
    ['answers with what is no JSON', (response) => response.writeHead(200).end('<html>')],
    ['answers without end', (response) => response.writeHead(200).end(Buffer.alloc(2 * MIB, ' '))],
  ] as [string, typeof answer][])(
    'that %s is called away, with nothing of the token in the error',
    async (_, reply) => {
      answer = reply;
      const failure = await service.show(randomUUID(), caller).catch((error) => error);
      expect(failure).toMatchObject({ kind: 'unavailable', retryAfter: 5 });
      expect(`${failure.message} ${failure.cause?.message} ${failure.cause?.stack}`).not.toContain(
        'secret-token',
      );
    },
  );

  it('is asked three times for what changes nothing, and once for what does', async () => {
    answer = (response) => response.writeHead(503).end();
    await expect(service.show(randomUUID(), caller)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked).toBe(3);
    await expect(
      service.create({ name: 'made', diskFormat: 'raw', containerFormat: 'bare' }, caller),
    ).rejects.toMatchObject({ kind: 'unavailable' });
    expect(asked).toBe(4);
  });

  it('that cuts a download short does not pass for the end of the image', async () => {
    const image = { id: randomUUID(), status: 'active', visibility: 'public' };
    answer = (response) => {
      if (asked === 1) response.end(JSON.stringify(image));
      else response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    };
    const stream = await service.download(image.id, caller, { signal: new AbortController().signal });
    await expect(buffer(stream)).rejects.toThrow();
  });

  it.each([
    ['that', { 'content-range': 'bytes 3-9/10' }, 206, '3456789'],
    ['all of it', {}, 200, '0123456789'],
  ])(
    'that is asked for the rest of an image and sends %s gives the rest',
    async (_, headers, status, body) => {
      const image = { id: randomUUID(), status: 'active', visibility: 'public' };
      answer = (response) => {
        if (asked === 1) response.end(JSON.stringify(image));
        else response.writeHead(status, headers).end(body);
      };
      const { signal } = new AbortController();
      const stream = await service.download(image.id, caller, { signal, from: 3 });
      expect((await buffer(stream)).toString()).toBe('3456789');
    },
  );

  it('that sends another part of an image than it was asked for is not believed', async () => {
    const image = { id: randomUUID(), status: 'active', visibility: 'public' };
    answer = (response) => {
      if (asked === 1) response.end(JSON.stringify(image));
      else response.writeHead(206, { 'content-range': 'bytes 0-6/10' }).end('0123456');
    };
    const { signal } = new AbortController();
    await expect(service.download(image.id, caller, { signal, from: 3 })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});
