import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Random } from '../random.js';

/** Who may have a webhook of all projects. */
const TOKEN = 'tester:chaos-receiver';

/** Seconds by which a delivery's time may be off, either way: what receivers are told to allow. */
const MOST_OFF = 300;
/** Parts of the genuine deliveries that are answered 503, and of those that are taken without an answer. */
const REFUSED = 0.05;
const UNANSWERED = 0.05;

/**
 * A receiver of webhooks that is not better than others: it verifies what comes, is out of order now and then, and now and
 * then takes a delivery and dies before it has said so.
 */
export class WebhookReceiver implements AsyncDisposable {
  /** Ids of the events that were taken, in the order in which they came. What came twice is here twice. */
  readonly seen: string[] = [];
  /** `webhook-id` of each delivery whose signature was wrong. */
  readonly forged: string[] = [];
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  /** The cursor behind which deliveries begin. */
  since: string | undefined;
  private readonly server: Server;

  private constructor(private readonly chance: Random) {
    this.server = createServer((request, response) => {
      response.on('error', () => undefined);
      text(request).then(
        (body) => {
          const status = this.take(request.headers as Record<string, string>, body);
          if (status === undefined) response.destroy();
          else response.writeHead(status).end();
        },
        () => response.destroy(),
      );
    });
  }

  static async listen(chance: Random): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(chance);
    await new Promise<void>((resolve, reject) =>
      receiver.server.once('error', reject).listen(0, '127.0.0.1', resolve),
    );
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/events`;
  }

  /** Makes the webhook of all projects that is delivered here. */
  async subscribe(apiUrl: string): Promise<void> {
    const response = await fetch(`${apiUrl}/scoria/v1/webhooks`, {
      method: 'POST',
      headers: { 'x-auth-token': TOKEN, 'content-type': 'application/json' },
      body: JSON.stringify({ webhook: { url: this.url, secret: this.secret, all_projects: true } }),
    });
    if (response.status !== 201) throw new Error(`the webhook was not made: ${await response.text()}`);
    const { webhook } = (await response.json()) as { webhook: { cursor: string } };
    this.since = webhook.cursor;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The status to answer with; undefined for none. */
  private take(headers: Record<string, string>, body: string): number | undefined {
    if (!this.isSigned(headers, body)) {
      this.forged.push(String(headers['webhook-id']));
      return 401;
    }
    // By a scheduler whose clock is wrong.
    if (!(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < MOST_OFF)) return 401;
    if (this.chance.chance(REFUSED)) return 503;
    const { data } = JSON.parse(body) as { data: { events: { id: string }[] } };
    this.seen.push(...data.events.map(({ id }) => id));
    return this.chance.chance(UNANSWERED) ? undefined : 204;
  }

  private isSigned(headers: Record<string, string>, body: string): boolean {
    const key = Buffer.from(this.secret.replace('whsec_', ''), 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const right = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    const given = Buffer.from(String(headers['webhook-signature']));
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
