import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type RabbitLaunch, launchRabbit } from './launch.js';
import { USER } from './node-files.js';
import { addVhost, deleteVhost, breakQuorumQueue } from './vhosts.js';

const STOP_MS = 60_000;

export interface PrivateRabbitOptions {
  /** Directory for data, password and logs; made when missing. One broker at a time. */
  dataDir: string;
  /** AMQP port on 127.0.0.1; a free one when left out. */
  port?: number;
  /** Told what takes time, one line each. */
  log?: (line: string) => void;
}

/**
 * A RabbitMQ of this process's own. All that it listens on (AMQP, Erlang distribution, port mapper) is bound to
 * loopback, and it shares nothing with other brokers on the machine. Its data stays in `dataDir` and is found again by
 * the next start. It ends with this process, even when that is killed (Linux).
 */
export class PrivateRabbit {
  private constructor(
    private readonly options: PrivateRabbitOptions,
    private running: RabbitLaunch,
  ) {}

  /**
   * Returns when the broker accepts connections.
   * @throws Error naming the package to install when RabbitMQ is not there; when the directory is in use; when the
   * broker does not come up, with the tail of its log.
   */
  static async start(options: PrivateRabbitOptions): Promise<PrivateRabbit> {
    const absolute = { ...options, dataDir: resolve(options.dataDir) };
    return new PrivateRabbit(absolute, await launchRabbit(absolute));
  }

  /** AMQP port on 127.0.0.1; the same after {@link restart}. */
  get port(): number {
    return this.running.ports.amqp;
  }

  get pid(): number {
    return this.running.server.pid;
  }

  /** Resolves, never rejects, with a sentence when the broker has ended, asked to or not. */
  get exited(): Promise<string> {
    return this.running.server.exited;
  }

  /** Connection URL for the default virtual host, as the user that may do everything. */
  get url(): string {
    return this.running.url;
  }

  /** Connection URL for another virtual host. */
  urlOf(vhost: string): string {
    return `amqp://${USER}:${this.running.node.password}@127.0.0.1:${this.port}/${encodeURIComponent(vhost)}`;
  }

  /** Shuts down cleanly. */
  async stop(): Promise<void> {
    await this.running.server.stop(['SIGTERM', STOP_MS]);
    await this.running.release();
  }

  /** SIGKILL: what a crash does. */
  async kill(): Promise<void> {
    await this.running.server.kill();
    await this.running.release();
  }

  /** Starts again on the same port, after a stop if it runs; with the same data unless `wipe` is asked for. */
  async restart({ wipe = false } = {}): Promise<void> {
    const port = this.port;
    await this.stop();
    if (wipe) rmSync(this.options.dataDir, { recursive: true, force: true });
    this.running = await launchRabbit({ ...this.options, port });
  }

  /** Adds a virtual host, named with small letters, digits and hyphens. */
  addVhost(name: string): Promise<void> {
    return addVhost(this.running, name);
  }

  /** Removes a virtual host with its queues, and closes the connections to it. */
  deleteVhost(name: string): Promise<void> {
    return deleteVhost(this.running, name);
  }

  /** What a kill may do to a quorum queue of the default virtual host: its record is there, its process is not. */
  breakQuorumQueue(queue: string, how: 'ended' | 'silent'): Promise<void> {
    return breakQuorumQueue(this.running, queue, how);
  }
}
