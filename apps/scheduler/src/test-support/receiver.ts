import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  events: { id: string; type: string; resource_id: string; payload: Record<string, unknown> }[];
}

/** How a receiver answers. */
export type Answer = (response: ServerResponse, received: Received, index: number) => void;

const accept: Answer = (response) => void response.writeHead(204).end();

/** An HTTP server that webhooks are delivered to. */
export class Receiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** May be changed while it runs. */
  answer: Answer = accept;

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async listen(address = '127.0.0.1', port = 0): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server, address);
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('error', () => {}).on('end', () => receiver.take(request.headers, body, response));
      response.on('error', () => {});
    });
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(port, address, () => resolve()),
    );
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${this.address}:${this.port}/hook`;
  }

  /** Of the events in all deliveries that came, in the order in which they came. */
  get names(): unknown[] {
    return this.received.flatMap(({ events }) => events.map(({ payload }) => payload['name']));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private take(headers: IncomingHttpHeaders, body: string, response: ServerResponse): void {
    const { data } = JSON.parse(body) as { data: Pick<Received, 'events'> };
    const received = { headers, body, events: data.events };
    this.answer(response, received, this.received.push(received) - 1);
  }
}
