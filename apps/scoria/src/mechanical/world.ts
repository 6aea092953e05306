import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger as NestLogger } from '@nestjs/common';
import { createApi, type Api } from '@scoria/api';
import { InProcessBus } from '@scoria/bus';
import { loadConfig } from '@scoria/config';
import { NoauthAuthenticator } from '@scoria/identity';
import { DirectoryImageService } from '@scoria/images';
import { createScheduler, type Scheduler } from '@scoria/scheduler';
import { Database, EventFeed, NotificationListener, OperationWaiter, migrate } from '@scoria/store';
import { createLogger } from '@scoria/telemetry';
import { tempDir, testDatabase, waitFor, type TestDatabase } from '@scoria/testing';
import { createVolumeService, type VolumeService } from '@scoria/volume';
import { ringOver } from '@scoria/worker';
import { Faults } from './faults.js';

export const PROJECT = 'mechanics';

const HEADERS = {
  'x-auth-token': `tester:${PROJECT}`,
  'content-type': 'application/json',
  'openstack-api-version': 'volume 3.71',
};

/** The whole of Scoria in this process, over a real database and real files, with faults where a test wants them. */
export class World implements AsyncDisposable {
  readonly faults = new Faults();
  private url = '';

  private constructor(
    readonly dir: string,
    private readonly source: TestDatabase,
    readonly database: Database,
    private readonly bus: InProcessBus,
    private readonly listener: NotificationListener,
  ) {}

  private api!: Api;
  private scheduler!: Scheduler;
  private volume!: VolumeService;

  static async open(): Promise<World> {
    NestLogger.overrideLogger(false);
    const dir = await tempDir();
    for (const part of ['images', 'volumes', 'state']) await mkdir(join(dir, part));
    const source = await testDatabase({
      name: 'mechanical',
      migrate: async (url) => void (await migrate(url)),
    });
    const database = await Database.open({ url: source.url, poolSize: 10 });
    const world = new World(dir, source, database, new InProcessBus(), new NotificationListener(source.url));
    await world.start();
    return world;
  }

  private async start(): Promise<void> {
    const { dir, database, bus, listener, faults } = this;
    const config = loadConfig({
      env: {},
      overrides: {
        database: { url: this.source.url },
        api: { port: 0, authStrategy: 'noauth', drainSeconds: 0 },
        secrets: { key: Buffer.alloc(32, 7).toString('base64') },
        images: { kind: 'directory', directory: join(dir, 'images'), conversionDir: join(dir, 'conversion') },
        operations: { sweepSeconds: 1, heartbeatSeconds: 1, retry: { baseDelayMs: 5, maxDelayMs: 20 } },
        volume: {
          host: 'world',
          stateDir: join(dir, 'state'),
          backends: [
            { name: 'file', driver: 'file', export: 'local', options: { directory: join(dir, 'volumes') } },
          ],
        },
      },
    });
    const logger = createLogger({ service: 'mechanical', level: process.env['LOG_LEVEL'] ?? 'silent' });
    const images = new DirectoryImageService(join(dir, 'images'));
    const { intercept } = faults;
    this.volume = await createVolumeService({ config, database, bus, images, logger, intercept });
    await this.volume.start();
    this.scheduler = createScheduler({ config, database, bus, logger, intercept });
    await this.scheduler.start();
    const ring = ringOver(bus, logger);
    const authenticator = new NoauthAuthenticator();
    const waiter = new OperationWaiter(database, listener);
    const events = new EventFeed(database, listener);
    this.api = await createApi({
      config,
      database,
      waiter,
      events,
      bus,
      authenticator,
      images,
      ring,
      logger,
    });
    this.url = await this.api.listen();
  }

  /** A request as a client makes it; answers the status and the body. */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${this.url}/v3/${PROJECT}${path}`, {
      method,
      headers: HEADERS,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as Body };
  }

  /** The same, for requests that must be accepted. */
  async ask<Body = unknown>(method: string, path: string, body?: object): Promise<Body> {
    const answer = await this.request<Body>(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Waits until no operation is live. */
  async idle(): Promise<void> {
    await waitFor(
      async () => {
        const rows = await this.database.query<{
          kind: string;
          step_name: string;
          state: string;
          error: unknown;
        }>('select kind, step_name, state, attempt, error from operations where live');
        return rows.length === 0 ? true : { rows };
      },
      { timeoutMs: 30_000, describe: 'no live operation', until: (seen) => seen === true },
    );
  }

  /** Removes everything that tests have made, as an administrator would. */
  async clear(): Promise<void> {
    this.faults.reset();
    for (const { id } of await this.database.query<{ id: string }>('select id from attachments')) {
      await this.request('DELETE', `/attachments/${id}`);
    }
    await this.idle();
    for (const { id } of await this.database.query<{ id: string }>(
      'select id from volumes order by created_at desc',
    )) {
      await this.request('DELETE', `/volumes/${id}?cascade=true&force=true`);
    }
    await this.idle();
    const images = join(this.dir, 'images');
    for (const name of await readdir(images)) await rm(join(images, name));
  }

  /** Every file of the backend and every export, by name. */
  async storage(): Promise<{ files: [string, number][]; exports: string[]; images: string[] }> {
    const directory = join(this.dir, 'volumes', 'file');
    const names = (await readdir(directory)).filter((name) => !name.startsWith('.scoria-'));
    const files = await Promise.all(
      names.map(async (name): Promise<[string, number]> => [name, (await stat(join(directory, name))).size]),
    );
    const exports = await readdir(join(this.dir, 'state', 'backends', 'file', 'exports')).catch(() => []);
    return { files, exports, images: await readdir(join(this.dir, 'images')) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.api.close();
    await this.scheduler.stop(1000);
    await this.volume.stop(1000);
    await this.listener.close();
    await this.bus.close();
    await this.database.close();
    await this.source.drop();
  }
}
