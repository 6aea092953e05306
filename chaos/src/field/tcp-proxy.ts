import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * `pass`: as if nothing were between. `cut`: every connection is reset, and each new one at once. `vanish`: bytes are
 * taken and thrown away, without a reset; what was open meanwhile is reset only when the link passes again, as a host
 * does with connections that it does not know.
 */
export type LinkState = 'pass' | 'cut' | 'vanish';

/** Bytes that one direction holds back while it is delayed, before the sender has to wait. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

/** A TCP relay on loopback to one server, which can be cut, swallow everything, or be slow. */
export class TcpProxy implements AsyncDisposable {
  private readonly pairs = new Set<Pair>();
  private state: LinkState = 'pass';
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  /** @param target port on 127.0.0.1; nobody needs to listen there yet */
  static async before(target: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true }, (near) => proxy.accept(near));
    const proxy = new TcpProxy(server, target);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Open connections. */
  get connections(): number {
    return this.pairs.size;
  }

  become(state: LinkState): void {
    this.state = state;
    for (const pair of this.pairs) pair.become(state);
  }

  /** Milliseconds that bytes take from now on, each way. */
  slowDown(milliseconds: number): void {
    this.delayMs = milliseconds;
  }

  async close(): Promise<void> {
    for (const pair of this.pairs) pair.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private accept(near: Socket): void {
    const pair = new Pair(near, this.target, () => this.delayMs);
    this.pairs.add(pair);
    void pair.closed.then(() => this.pairs.delete(pair));
    if (this.state !== 'pass') pair.become(this.state);
  }
}

/** One connection and its continuation to the server. */
class Pair {
  readonly closed: Promise<void>;
  private readonly far: Socket;
  private lost = false;
  private open = 2;

  constructor(
    private readonly near: Socket,
    target: number,
    delayMs: () => number,
  ) {
    this.far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    this.closed = new Promise((resolve) => {
      for (const socket of [near, this.far]) {
        socket.setNoDelay(true);
        socket.on('error', () => this.reset());
        socket.on('close', () => {
          this.open--;
          if (this.open === 0) resolve();
          else if (!this.lost) this.reset();
        });
      }
    });
    for (const [from, to] of [
      [near, this.far],
      [this.far, near],
    ] as const) {
      const pipe = new SlowPipe(to, delayMs, from);
      from.on('data', (bytes: Buffer) => this.lost || pipe.write(bytes));
      from.on('end', () => this.lost || pipe.end());
    }
  }

  become(state: LinkState): void {
    if (state === 'vanish') this.lost = true;
    // What the link had lost is not found again.
    else if (state === 'cut' || this.lost) this.reset();
  }

  reset(): void {
    this.lost = true;
    for (const socket of [this.near, this.far])
      if (!socket.destroyed) {
        if (socket.connecting) socket.destroy();
        else socket.resetAndDestroy();
      }
  }
}

/** Hands bytes on in their order, each after the delay of the moment at which it came. */
class SlowPipe {
  private readonly waiting: (() => void)[] = [];
  private held = 0;

  constructor(
    private readonly to: Socket,
    private readonly delayMs: () => number,
    private readonly from: Socket,
  ) {}

  write(bytes: Buffer): void {
    this.held += bytes.length;
    if (this.held > MAX_HELD_BYTES) this.from.pause();
    this.later(() => {
      this.held -= bytes.length;
      if (this.to.destroyed) return;
      const free = this.to.write(bytes);
      if (!free) {
        this.from.pause();
        this.to.once('drain', () => this.from.resume());
      } else if (this.held <= MAX_HELD_BYTES) this.from.resume();
    });
  }

  end(): void {
    this.later(() => void (this.to.destroyed || this.to.end()));
  }

  /** Never before what came earlier, however late its timer is. */
  private later(act: () => void): void {
    const now = performance.now();
    const due = now + this.delayMs();
    if (this.waiting.length === 0 && due <= now) {
      act();
      return;
    }
    this.waiting.push(act);
    setTimeout(() => this.waiting.shift()?.(), due - now);
  }
}
