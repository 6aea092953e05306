import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, tempDir, waitFor } from '@scoria/testing';
import { storedIn } from './files.js';
import { processesOf } from './leftovers.js';
import type { Shape } from './shape.js';
import { targetsAt } from './targets.js';

const SCORIA = fileURLToPath(new URL('../../../bin/scoria.mjs', import.meta.url));
const UP_MS = 120_000;

export interface SingleProcessOptions {
  /** On top of this process's environment. */
  env?: Record<string, string>;
}

/** What `npm start` runs: everything in one process. */
export class SingleProcess implements Shape {
  readonly dataDir = tempDir('e2e');
  readonly imagesDir = join(this.dataDir, 'images');
  private child: ChildProcess | undefined;
  /** What the last start has printed. */
  output = '';

  private constructor(
    private readonly port: number,
    private readonly env: Record<string, string>,
  ) {}

  static async start({ env = {} }: SingleProcessOptions = {}): Promise<SingleProcess> {
    const shape = new SingleProcess(await freePort(), env);
    await shape.launch();
    return shape;
  }

  get urls(): string[] {
    return [`http://127.0.0.1:${this.port}`];
  }

  get metricsUrls(): string[] {
    return this.urls;
  }

  storedFiles(): Promise<string[]> {
    return storedIn([join(this.dataDir, 'volumes', 'file')]);
  }

  async targets(initiator: string): Promise<string[]> {
    const port = (await readFile(join(this.dataDir, 'iscsi-port'), 'utf8')).trim();
    return targetsAt([`127.0.0.1:${port}`], initiator);
  }

  async crash(): Promise<void> {
    await this.end('SIGKILL');
    await this.launch();
  }

  async stop(): Promise<string[]> {
    await this.end('SIGINT');
    return processesOf(this.dataDir);
  }

  async launch(): Promise<void> {
    const args = [SCORIA, 'all', '--port', String(this.port), '--data', this.dataDir];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...this.env },
    });
    this.child = child;
    this.output = '';
    const log = createWriteStream(join(this.dataDir, 'log'), { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false });
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    child.once('close', () => log.end());
    await waitFor(() => child.exitCode !== null || this.output.includes('Scoria is ready'), {
      timeoutMs: UP_MS,
      describe: 'the banner',
    });
    if (child.exitCode !== null) throw new Error(`scoria ended: ${this.output}`);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}
