import { randomBytes, randomUUID } from 'node:crypto';
import { WebhooksConfig } from '@scoria/config';
import {
  Database,
  NotificationListener,
  SecretBox,
  feedEnds,
  heldBackSeconds,
  insertWebhook,
  migrate,
  recordEvents,
  showWebhook,
  type NewEvent,
  type NewWebhook,
} from '@scoria/store';
import { testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { WebhookDeliverer, type WebhookDelivererOptions } from '../webhooks/webhook-deliverer.js';
import { Receiver } from './receiver.js';

const SECRETS = new SecretBox(Buffer.alloc(32, 9));
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Webhooks, receivers and deliverers over a database of their own. */
export class WebhookWorld implements AsyncDisposable {
  readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
  private readonly ends: (() => Promise<unknown>)[] = [];
  private readonly listener: NotificationListener;

  private constructor(
    private readonly source: TestDatabase,
    readonly database: Database,
  ) {
    this.listener = new NotificationListener(source.url);
  }

  static async open(): Promise<WebhookWorld> {
    const source = await testDatabase({ name: 'store', migrate: async (url) => void (await migrate(url)) });
    return new WebhookWorld(source, await Database.open({ url: source.url, poolSize: 10 }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.ends.reverse()) await end();
    await this.listener.close();
    await this.database.close();
    await this.source.drop();
  }

  async receiver(address?: string, port?: number): Promise<Receiver> {
    const receiver = await Receiver.listen(address, port);
    this.ends.push(() => receiver[Symbol.asyncDispose]());
    return receiver;
  }

  /** One more process that delivers. */
  deliverer(
    config: Partial<WebhooksConfig> = {},
    more: Pick<Partial<WebhookDelivererOptions>, 'database' | 'nameServers'> = {},
  ): WebhookDeliverer {
    const deliverer = new WebhookDeliverer({
      config: Object.assign(new WebhooksConfig(), LOOPBACK, config),
      database: this.database,
      listener: this.listener,
      secrets: SECRETS,
      logger: SILENT,
      ...more,
    });
    deliverer.start();
    this.ends.push(() => deliverer.stop(0));
    return deliverer;
  }

  async webhook(url: string, webhook: Partial<NewWebhook> = {}): Promise<string> {
    const id = randomUUID();
    await this.database.transaction(async (tx) =>
      insertWebhook(
        tx,
        {
          id,
          projectId: 'p',
          userId: 'u',
          url,
          types: [],
          allProjects: false,
          enabled: true,
          sealedSecret: SECRETS.seal({ secret: this.secret }, id),
          cursor: (await feedEnds(tx)).newest,
          ...webhook,
        },
        1000,
      ),
    );
    return id;
  }

  /** An event for each name, in a transaction of its own. */
  async write(names: readonly string[], event: Partial<NewEvent> = {}): Promise<void> {
    for (const name of names) {
      await this.database.transaction((tx) =>
        recordEvents(
          tx,
          [{ type: 'volume.update', projectId: 'p', resourceId: randomUUID(), payload: { name }, ...event }],
          'req-1',
        ),
      );
    }
  }

  /** Everything that is written can be read. */
  async settled(): Promise<void> {
    await waitFor(() => heldBackSeconds(this.database), { until: (seconds) => seconds === 0 });
  }

  show(id: string): Promise<Record<string, unknown>> {
    return showWebhook(this.database, id, null);
  }

  /** Lets what waits for its next try be tried now. */
  async hurry(): Promise<void> {
    await this.database.query('update webhooks set due_at = now() where lease_until is null');
  }
}

/** Nobody is given up for the pauses of a busy machine: what is cut off in the middle comes twice. */
const LOOPBACK: Partial<WebhooksConfig> = {
  allowHttp: true,
  allowedNetworks: ['127.0.0.1/32'],
  timeoutSeconds: 60,
  maxDelaySeconds: 1,
};
