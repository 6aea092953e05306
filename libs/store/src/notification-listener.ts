import { Socket } from 'node:net';
import pg from 'pg';

/** Milliseconds before a lost connection is made again. */
const RECONNECT_MS = 1000;
/**
 * Milliseconds for a connection, for the answer to a statement, and for the answer to the goodbye. Where packets vanish
 * nothing says so: TCP itself would wait for a quarter of an hour.
 */
const ANSWER_MS = 5000;

type Heard = (payload: string | undefined) => void;

/**
 * The one connection of a process that listens for PostgreSQL's notifications, made when somebody first listens. What is
 * sent while it is away is lost: listeners look for themselves now and then, and are called without a payload when it is
 * back.
 */
export class NotificationListener {
  private readonly channels = new Map<string, Set<Heard>>();
  private client: pg.Client | undefined;
  /** Of the connection that is there or is being made. */
  private socket: Socket | undefined;
  private connecting: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly url: string) {}

  /** Calls `heard` for each notification until the returned function is called. */
  on(channel: string, heard: Heard): () => void {
    const known = this.channels.get(channel);
    const listeners = known ?? new Set<Heard>();
    this.channels.set(channel, listeners.add(heard));
    const { client } = this;
    // The end of one that does not answer has it made anew.
    if (!known) client?.query(listen(channel)).catch(() => client.end());
    this.connect();
    return () => void listeners.delete(heard);
  }

  /** Resolves within a few seconds, also when the server has vanished. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    // One that is still being made has no goodbye to say.
    if (this.connecting) this.socket?.destroy();
    await this.connecting;
    const late = setTimeout(() => this.socket?.destroy(), ANSWER_MS);
    await this.client?.end().catch(() => {});
    clearTimeout(late);
  }

  private connect(): void {
    if (this.closed || this.client || this.connecting) return;
    this.connecting = this.open()
      .catch(() => this.reconnect())
      .finally(() => {
        this.connecting = undefined;
      });
  }

  private async open(): Promise<void> {
    const socket = (this.socket = new Socket());
    const client = new pg.Client({
      stream: () => socket,
      connectionString: this.url,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      connectionTimeoutMillis: ANSWER_MS,
      query_timeout: ANSWER_MS,
      application_name: 'scoria-listen',
    });
    client.on('error', () => this.forget(client));
    client.on('end', () => this.forget(client));
    client.on('notification', ({ channel, payload }) => this.tell(channel, payload));
    await client.connect();
    try {
      for (const channel of this.channels.keys()) await client.query(listen(channel));
      this.client = client;
      // One that came while the others were being listened to.
      for (const channel of this.channels.keys()) await client.query(listen(channel));
    } catch (error) {
      socket.destroy();
      throw error;
    }
    for (const channel of this.channels.keys()) this.tell(channel, undefined);
  }

  private tell(channel: string, payload: string | undefined): void {
    this.channels.get(channel)?.forEach((heard) => heard(payload));
  }

  private forget(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    this.reconnect();
  }

  private reconnect(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), RECONNECT_MS).unref();
  }
}

const listen = (channel: string): string => `listen ${pg.escapeIdentifier(channel)}`;
