import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endTgtDaemon } from '@scoria/exports';
import { freePort } from '@scoria/local-services';
import {
  PORTS,
  SERVER_ENVIRONMENT,
  isServer,
  killProcess,
  lastWords,
  missesNothing,
  launchService,
  makeVolumeTypes,
  membersWith,
  startMember,
  stateDirOf,
  stopProcess,
  untilReady,
  type ClusterState,
  type Member,
} from '@scoria/scoria';
import { migrate } from '@scoria/store';
import { iscsiStateDir } from '@scoria/volume';
import { Clock, findFakeTime } from './clock.js';
import type { HostDisk } from './host-disk.js';
import { makeDisks } from './host-disks.js';
import { Links, throughPort } from './links.js';
import { Shims } from './shims.js';
import { stopOrKill } from './stop-or-kill.js';
import { Supervisor } from './supervisor.js';
import { until } from './until.js';

export interface FieldOptions {
  storageHosts: number;
  /** Wall clocks that can be set; costs every process a little. */
  clocks: boolean;
}

const ATTEMPTS = 3;
const READY_LIMIT_MS = 90_000;
const ANSWER_LIMIT_MS = 5000;

/** Where everything happens: a cluster in a directory of its own, and every handle by which it can be broken. */
export class Field implements AsyncDisposable {
  readonly links = new Links();
  /** One for each storage host, or none where this machine mounts nothing. */
  disks: ReadonlyMap<string, HostDisk> = new Map();
  /** Why there are no disks. */
  disksRefused: string | undefined;
  readonly shims = new Map<string, Shims>();
  readonly clocks = new Map<string, Clock>();
  readonly supervisor: Supervisor;
  /** Services that did not end when they were told to, and had to be killed. */
  readonly stubborn = new Set<string>();
  /** How clients reach the gateways. */
  readonly apiUrls: string[] = [];

  private constructor(
    readonly state: ClusterState,
    readonly members: readonly Member[],
  ) {
    this.supervisor = new Supervisor(state, this.services);
  }

  /** Ports are looked for before they are taken: whoever was quicker costs another try. */
  static async open(options: FieldOptions): Promise<Field> {
    for (let attempt = 1; ; attempt++) {
      const field = await Field.empty(options);
      try {
        await field.prepare(options);
        await field.start();
        return field;
      } catch (error) {
        const said = await lastWords(field.logsDir);
        await field[Symbol.asyncDispose]().catch(() => undefined);
        if (attempt >= ATTEMPTS || !said.includes('EADDRINUSE'))
          throw new Error(`the cluster did not start: ${said}`, { cause: error });
      }
    }
  }

  private static async empty({ storageHosts }: FieldOptions): Promise<Field> {
    const dataDir = await mkdtemp(join(tmpdir(), 'scoria-chaos-'));
    // PostgreSQL's user must pass, or its data would lie elsewhere.
    await chmod(dataDir, 0o711);
    const state: ClusterState = {
      dataDir,
      basePort: await freePort(PORTS),
      databaseUrl: '',
      amqpUrl: '',
      apiUrls: [],
      processes: {},
      loopbackWebhooks: true,
      settings: {},
    };
    return new Field(state, membersWith(storageHosts));
  }

  get dataDir(): string {
    return this.state.dataDir;
  }

  get logsDir(): string {
    return join(this.dataDir, 'logs');
  }

  get services(): readonly Member[] {
    return this.members.filter((member) => !isServer(member));
  }

  /** Those that keep volumes. */
  get storageHosts(): readonly Member[] {
    return this.members.filter(({ kind }) => kind === 'volume');
  }

  get imagesDir(): string {
    return join(this.dataDir, 'images');
  }

  member(name: string): Member {
    const member = this.members.find((candidate) => candidate.name === name);
    if (!member) throw new Error(`there is no member ${name}`);
    return member;
  }

  /** Where a host keeps the files of its volumes. */
  volumesDir(host: string): string {
    return join(stateDirOf(this.state, host), 'volumes');
  }

  /** Where a host converts images. */
  conversionDir(host: string): string {
    return join(stateDirOf(this.state, host), 'conversion');
  }

  /** What `TGT_IPC_SOCKET` is for a host's target daemon. */
  iscsiDir(host: string): string {
    return iscsiStateDir({ stateDir: stateDirOf(this.state, host) });
  }

  pid(name: string): number {
    return this.state.processes[name]!.pid;
  }

  /** SIGKILL. It stays down until `launch`. */
  async kill(name: string): Promise<void> {
    this.supervisor.hold(name);
    await killProcess(this.state.processes[name]!);
  }

  /** SIGTERM, as a service manager does. It stays down until `launch`. */
  async terminate(name: string): Promise<void> {
    this.supervisor.hold(name);
    if (!(await stopOrKill(this.state.processes[name]!))) this.stubborn.add(name);
  }

  /** Starts a service that was killed or terminated; does not wait until it is ready. */
  async launch(name: string): Promise<void> {
    this.state.processes[name] = await launchService(this.state, this.member(name));
    this.supervisor.release(name);
  }

  /** Starts a server again, on its old data, and waits until it answers. */
  async startServer(name: string): Promise<void> {
    this.state.processes[name] = await startMember(this.state, this.member(name));
  }

  /** Waits until every service says that it is ready, whoever has to be started again; answers those that do not. */
  async unready(): Promise<string[]> {
    const ready = (name: string): Promise<boolean> => {
      return missesNothing(this.state.processes[name]!, AbortSignal.timeout(ANSWER_LIMIT_MS));
    };
    const never = this.services.map(({ name }) =>
      until(`${name} to be ready`, READY_LIMIT_MS, () => ready(name)).then(
        () => [],
        () => [name],
      ),
    );
    return (await Promise.all(never)).flat();
  }

  private async prepare({ clocks }: FieldOptions): Promise<void> {
    await mkdir(this.imagesDir);
    const library = clocks ? await findFakeTime() : undefined;
    for (const { name, kind } of this.members)
      if (library !== undefined && kind !== 'rabbit')
        this.clocks.set(name, await Clock.make(join(this.dataDir, `${name}.clock`), library));
    for (const { host } of this.storageHosts)
      this.shims.set(host, await Shims.make(stateDirOf(this.state, host)));
    const made = await makeDisks(
      this.storageHosts.map(({ host }, index) => ({
        host,
        image: join(this.dataDir, `${host}.xfs`),
        directory: this.volumesDir(host),
        // The last one copies instead of sharing blocks: other code, other commands.
        reflink: index < this.storageHosts.length - 1,
      })),
    );
    this.disks = made.disks;
    this.disksRefused = made.refused;
  }

  private async start(): Promise<void> {
    const { state } = this;
    const clock = this.clocks.get('postgres');
    if (clock) state.settings!['postgres'] = { env: { [SERVER_ENVIRONMENT]: JSON.stringify(clock.env) } };
    const servers = this.members.filter(isServer);
    await Promise.all(servers.map(({ name }) => this.startServer(name)));
    state.databaseUrl = state.processes['postgres']!.url;
    state.amqpUrl = state.processes['rabbit']!.url;
    await this.link();
    await migrate(state.databaseUrl);
    await makeVolumeTypes(state.databaseUrl);
    for (const { name } of this.services) await this.launch(name);
    // Nobody starts again what ends now: it would be a mistake of ours.
    await Promise.all(this.services.map(({ name }) => untilReady(state.processes[name]!)));
    this.supervisor.start();
  }

  /** A proxy between every service and every server, and between the clients and every gateway. */
  private async link(): Promise<void> {
    const { state } = this;
    const portOf = (name: string): number => state.basePort + this.member(name).portOffset;
    for (const { name, kind, host } of this.services) {
      state.settings![name] = {
        databaseUrl: throughPort(
          state.databaseUrl,
          await this.links.add(name, 'postgres', portOf('postgres')),
        ),
        amqpUrl: throughPort(state.amqpUrl, await this.links.add(name, 'rabbit', portOf('rabbit'))),
        env: {
          ...this.clocks.get(name)?.env,
          ...(kind === 'volume' ? { PATH: `${this.shims.get(host)!.directory}:${process.env['PATH']}` } : {}),
        },
      };
      if (kind === 'api')
        this.apiUrls.push(`http://127.0.0.1:${await this.links.add('clients', name, portOf(name))}`);
    }
  }

  /** Ends every process, takes every mount away, and removes the directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor.stop();
    await this.endAll(this.services.map(({ name }) => name));
    for (const { host } of this.storageHosts) await endTgtDaemon(this.iscsiDir(host));
    await this.links.close();
    await this.endAll(this.members.filter(isServer).map(({ name }) => name));
    for (const disk of this.disks.values()) await disk.discard();
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  private async endAll(names: string[]): Promise<void> {
    const known = names.flatMap((name) => this.state.processes[name] ?? []);
    await Promise.all(
      known.map((each) => (isServer(this.member(each.name)) ? stopProcess : killProcess)(each)),
    );
  }
}
