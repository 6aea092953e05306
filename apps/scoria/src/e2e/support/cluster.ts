import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, tempDir } from '@scoria/testing';
import { ISCSI_OFFSET, MEMBERS, PORTS, isServer, type Member } from '../../cluster/layout.js';
import { killProcess, stopProcess } from '../../cluster/processes.js';
import { readState } from '../../cluster/state.js';
import { storedIn } from './files.js';
import { processesOf } from './leftovers.js';
import type { Shape } from './shape.js';
import { targetsAt } from './targets.js';

const SCORIA = fileURLToPath(new URL('../../../bin/scoria.mjs', import.meta.url));
const run = promisify(execFile);
const COMMAND_MS = 120_000;

export interface ClusterOptions {
  /** On top of this process's environment, for every service. */
  env?: Record<string, string>;
}

/** What `npm run cluster` runs: two of each service, PostgreSQL and RabbitMQ, as processes of this machine. */
export class Cluster implements Shape {
  readonly dataDir = tempDir('e2e');
  readonly imagesDir = join(this.dataDir, 'images');

  private constructor(
    private readonly basePort: number,
    private readonly env: Record<string, string>,
  ) {}

  static async start({ env = {} }: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(await freePort(PORTS), env);
    await mkdir(cluster.imagesDir);
    await cluster.command('up', '--base-port', String(cluster.basePort));
    return cluster;
  }

  get urls(): string[] {
    return this.urlsOf(({ kind }) => kind === 'api');
  }

  get metricsUrls(): string[] {
    return this.urlsOf((member) => !isServer(member));
  }

  storedFiles(): Promise<string[]> {
    return storedIn(Object.keys(ISCSI_OFFSET).map((host) => join(this.dataDir, host, 'volumes', 'file')));
  }

  targets(initiator: string): Promise<string[]> {
    const portals = Object.values(ISCSI_OFFSET).map((offset) => `127.0.0.1:${this.basePort + offset}`);
    return targetsAt(portals, initiator);
  }

  async crash(): Promise<void> {
    const { processes } = (await readState(this.dataDir))!;
    const services = MEMBERS.filter((member) => !isServer(member));
    await Promise.all(services.map(({ name }) => killProcess(processes[name]!)));
    await this.command('up');
  }

  /** SIGTERM for one service, and a new one that is ready. */
  async restart(name: string): Promise<void> {
    const { processes } = (await readState(this.dataDir))!;
    await stopProcess(processes[name]!);
    await this.command('start', name);
  }

  async databaseUrl(): Promise<string> {
    return (await readState(this.dataDir))!.databaseUrl;
  }

  async stop(): Promise<string[]> {
    await this.command('down');
    return processesOf(this.dataDir);
  }

  /** Every JSON line of every service's log. */
  async logLines(): Promise<Record<string, unknown>[]> {
    const dir = join(this.dataDir, 'logs');
    const texts = await Promise.all((await readdir(dir)).map((name) => readFile(join(dir, name), 'utf8')));
    const lines = texts.flatMap((text) => text.slice(0, text.lastIndexOf('\n') + 1).split('\n'));
    return lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  private urlsOf(wanted: (member: Member) => boolean): string[] {
    return MEMBERS.filter(wanted).map(({ portOffset }) => `http://127.0.0.1:${this.basePort + portOffset}`);
  }

  private async command(action: string, ...args: string[]): Promise<void> {
    await run(process.execPath, [SCORIA, 'cluster', action, ...args, '--data', this.dataDir], {
      timeout: COMMAND_MS,
      env: { ...process.env, ...this.env },
    });
  }
}
