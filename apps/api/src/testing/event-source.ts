import { request, type IncomingMessage } from 'node:http';
import { waitFor } from '@scoria/testing';

export interface StreamedEvent {
  id: string;
  event: string;
  data: { id: string; type: string; resource_id: string; payload: Record<string, unknown> };
}

/** A client of Server-Sent Events, as the standard has it, that shows all it knows. */
export class EventSource {
  readonly events: StreamedEvent[] = [];
  /** What the standard's "last event ID string" would be. */
  lastId = '';
  retryMs = 0;
  comments = 0;
  ended = false;
  private rest = '';

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (text: string) => this.read(text));
    response.on('close', () => (this.ended = true)).on('error', () => {});
  }

  /** Resolves with the first bytes of the answer, whatever its status. */
  static open(url: string, token: string, headers: Record<string, string> = {}): Promise<EventSource> {
    return new Promise((resolve, reject) => {
      request(url, { headers: { 'x-auth-token': token, accept: 'text/event-stream', ...headers } })
        .on('response', (response) => resolve(new EventSource(response)))
        .on('error', reject)
        .end();
    });
  }

  get status(): number | undefined {
    return this.response.statusCode;
  }

  async received(count: number): Promise<StreamedEvent[]> {
    return waitFor(() => this.events, { until: (events) => events.length >= count });
  }

  close(): void {
    this.response.destroy();
  }

  private read(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop()!;
    for (const block of blocks) this.take(block.split('\n'));
  }

  private take(lines: string[]): void {
    const fields = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()] as const;
      }),
    );
    if (fields.has('')) this.comments++;
    if (fields.has('retry')) this.retryMs = Number(fields.get('retry'));
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data === undefined) return;
    this.events.push({ id: this.lastId, event: fields.get('event')!, data: JSON.parse(data) as never });
  }
}
