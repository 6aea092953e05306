import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { PrivatePostgres } from '@scoria/local-services';
import { tempDir } from '../temp-dir.js';

/**
 * The servers of one test run, each started when it is first asked for: a PostgreSQL that gives up crash safety for
 * speed, on a data directory that goes away with it.
 */
export class TestServices {
  /** Holds all that the servers write; removed by {@link stop}. */
  readonly directory = tempDir('services');
  #postgres: Promise<PrivatePostgres> | undefined;

  constructor(private readonly log: (line: string) => void = () => undefined) {}

  /** URL of the run's PostgreSQL, as a role that may create databases. */
  async databaseUrl(): Promise<string> {
    this.#postgres ??= PrivatePostgres.start({
      dataDir: join(this.directory, 'postgres'),
      log: this.log,
      settings: { durable: false },
    });
    return (await this.#postgres).url;
  }

  /** Stops what was started and removes its data. */
  async stop(): Promise<void> {
    const started = await Promise.allSettled([this.#postgres]);
    await Promise.allSettled(
      started.map(async (one) => (one.status === 'fulfilled' ? one.value?.stop() : undefined)),
    );
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}
