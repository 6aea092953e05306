import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Stands before a real Keystone: counts what is asked of it, and plays its outages. */
export class KeystoneProxy {
  logins = 0;
  checks = 0;
  outage: 'none' | 'answers 503' | 'drops connections' = 'none';
  private readonly server: Server;

  private constructor(private readonly target: string) {
    this.server = createServer((request, response) => void this.pass(request, response));
  }

  /** @param target Keystone's URL, with `/v3` */
  static async start(target: string): Promise<KeystoneProxy> {
    const proxy = new KeystoneProxy(target.replace(/\/v3$/, ''));
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v3`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'POST') this.logins++;
    else this.checks++;
    if (this.outage === 'drops connections') {
      request.socket.destroy();
      return;
    }
    if (this.outage === 'answers 503') {
      response.writeHead(503).end();
      return;
    }
    const body = await text(request);
    const headers = Object.entries(request.headers).filter(
      ([name]) => name.startsWith('x-') || name === 'content-type',
    ) as [string, string][];
    const answer = await fetch(`${this.target}${request.url}`, {
      method: request.method!,
      headers,
      ...(body === '' ? {} : { body }),
    });
    const subject = answer.headers.get('x-subject-token');
    response.writeHead(answer.status, subject === null ? {} : { 'x-subject-token': subject });
    response.end(await answer.text());
  }
}
