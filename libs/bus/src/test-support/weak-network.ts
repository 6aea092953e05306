import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP relay to the broker that a test can cut, close, freeze and slow down. */
export class WeakNetwork {
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private closed = false;
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async before(brokerUrl: string): Promise<WeakNetwork> {
    const broker = new URL(brokerUrl);
    const server = createServer((near) => network.relay(near, broker));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(brokerUrl);
    url.hostname = '127.0.0.1';
    url.port = String((server.address() as AddressInfo).port);
    const network = new WeakNetwork(server, url.href);
    return network;
  }

  /** Breaks every connection; new ones are relayed again. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Breaks every connection, and each new one, until `mend`. */
  break(): void {
    this.closed = true;
    this.cut();
  }

  /** Stops all bytes without closing anything, until `mend`. */
  freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** All bytes take this many milliseconds more, each way, until `mend`. */
  slow(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  mend(): void {
    this.closed = false;
    this.delayMs = 0;
    this.frozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private relay(near: Socket, broker: URL): void {
    if (this.closed) {
      near.destroy();
      return;
    }
    const far = connect(Number(broker.port || 5672), broker.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.setNoDelay(true);
      let line = Promise.resolve();
      from.on('data', (bytes) => {
        const delay = this.delayMs > 0 ? sleep(this.delayMs) : undefined;
        // After what came before, also when the way has become faster.
        line = Promise.all([line, delay]).then(() => void to.write(bytes));
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
      if (this.frozen) from.pause();
    }
  }
}
