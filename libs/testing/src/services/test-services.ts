import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PrivatePostgres, PrivateRabbit } from '@scoria/local-services';
import { tempDir } from '../temp-dir.js';

/** Servers that are there already, to be used instead of private ones. */
export interface GivenServers {
  databaseUrl?: string | undefined;
  amqpUrl?: string | undefined;
}

/** The servers that SCORIA_TEST_DATABASE_URL and SCORIA_TEST_AMQP_URL name. */
export const givenServers = (): GivenServers => ({
  databaseUrl: process.env['SCORIA_TEST_DATABASE_URL'],
  amqpUrl: process.env['SCORIA_TEST_AMQP_URL'],
});

/**
 * The servers of one test run. Those that are not given are started when they are first asked for: a PostgreSQL that
 * gives up crash safety for speed, and a RabbitMQ. Their data goes away with them.
 */
export class TestServices {
  /** Holds all that the servers write; removed by {@link stop}. */
  readonly directory = tempDir('services');
  #postgres: Promise<PrivatePostgres> | undefined;
  #rabbit: Promise<PrivateRabbit> | undefined;

  constructor(
    private readonly given: GivenServers,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  /** URL of the run's PostgreSQL, as a role that may create databases. */
  async databaseUrl(): Promise<string> {
    if (this.given.databaseUrl !== undefined) return this.given.databaseUrl;
    this.#postgres ??= PrivatePostgres.start({
      dataDir: join(this.directory, 'postgres'),
      log: this.log,
      settings: { durable: false },
    });
    return (await this.#postgres).url;
  }

  /** URL of the run's RabbitMQ. */
  async amqpUrl(): Promise<string> {
    return this.given.amqpUrl ?? (await this.#broker()).url;
  }

  /**
   * Adds a virtual host and returns its name and URL. In a broker that was given it is the one its URL names, whoever
   * shares it: AMQP cannot add virtual hosts.
   */
  async addVhost(): Promise<{ vhost: string; url: string }> {
    const { amqpUrl } = this.given;
    if (amqpUrl !== undefined) return { vhost: vhostOf(amqpUrl), url: amqpUrl };
    const rabbit = await this.#broker();
    const vhost = `test-${randomUUID()}`;
    await rabbit.addVhost(vhost);
    return { vhost, url: rabbit.urlOf(vhost) };
  }

  /** Removes a virtual host that {@link addVhost} added. */
  async deleteVhost(vhost: string): Promise<void> {
    if (this.given.amqpUrl === undefined) await (await this.#broker()).deleteVhost(vhost);
  }

  /** Stops what was started and removes its data. */
  async stop(): Promise<void> {
    const stopping = [this.#postgres, this.#rabbit].map(async (starting) => (await starting)?.stop());
    await Promise.allSettled(stopping);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  #broker(): Promise<PrivateRabbit> {
    return (this.#rabbit ??= PrivateRabbit.start({ dataDir: join(this.directory, 'rabbit'), log: this.log }));
  }
}

/** The path of an AMQP URL, as RabbitMQ's URI specification reads it: none at all means the default virtual host. */
function vhostOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || '/';
}
