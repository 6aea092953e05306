import { TcpProxy } from './tcp-proxy.js';

/** Every way between two parts that goes through a proxy of its own, by its name, such as `volume1 → postgres`. */
export class Links {
  private readonly proxies = new Map<string, TcpProxy>();

  get names(): string[] {
    return [...this.proxies.keys()];
  }

  /** Makes the link; answers the port to connect to instead. */
  async add(from: string, to: string, target: number): Promise<number> {
    const proxy = await TcpProxy.before(target);
    this.proxies.set(`${from} → ${to}`, proxy);
    return proxy.port;
  }

  get(name: string): TcpProxy {
    const proxy = this.proxies.get(name);
    if (!proxy) throw new Error(`there is no link ${name}`);
    return proxy;
  }

  async close(): Promise<void> {
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
  }
}

/** The same URL at another port of this machine. */
export function throughPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}
