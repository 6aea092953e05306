import { once } from 'node:events';
import { createServer } from 'node:net';
import { canListen, freePort } from './free-port.js';

describe('a free port', () => {
  it('is not one on which somebody listens', async () => {
    const port = await freePort();
    expect(await canListen(port)).toBe(true);
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(await canListen(port)).toBe(false);
    server.close();
    await once(server, 'close');
  });

  it('is not one that the system gives to outgoing connections', async () => {
    // The lower bound of Linux's default net.ipv4.ip_local_port_range.
    expect(await freePort()).toBeLessThan(32_768);
  });

  it('is not one of a row that somebody was given and has not taken yet', async () => {
    const [row, single] = [await freePort(22), await freePort()];
    expect(row + 22).toBeLessThanOrEqual(20_000);
    expect(single).toBeGreaterThanOrEqual(20_000);
  });
});
