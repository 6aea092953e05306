import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault, type FaultKind } from '@scoria/domain';
import type { TokenSource } from '@scoria/identity';
import { Agent, type Dispatcher, request } from 'undici';
import type { ImageCaller } from '../image-caller.js';
import { imageServiceAway } from '../image-faults.js';

export interface GlanceRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/v2`. */
  path: string;
  caller: ImageCaller;
  json?: unknown;
  /** Bytes to send; such a request is sent once. */
  data?: Readable;
  /** How many, where that is known. */
  dataBytes?: number;
  /** Of an answer's bytes: the first one wanted. */
  from?: number;
  /** Statuses that are answers rather than failures. */
  accepts: number[];
  signal?: AbortSignal;
}

const MAX_JSON_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 32;
const GET_TRIES = 3;
/** Milliseconds before the second try; twice that before the third. */
const FIRST_PAUSE_MS = 250;
const CONNECT_TIMEOUT_MS = 10_000;
/** Milliseconds for an answer's head, and between two pieces of its body. */
const ANSWER_TIMEOUT_MS = 30_000;
/** The same for an image's bytes: a store may need long to find or to keep them. */
const DATA_TIMEOUT_MS = 300_000;

/** What Glance wants a PATCH to be. */
const JSON_PATCH = 'application/openstack-images-v2.1-json-patch';

const FAULT_KINDS: Record<number, FaultKind> = {
  400: 'badRequest',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  410: 'notFound',
  413: 'overLimit',
};

/** An answer of Glance that means no. `fault.kind` says which no; the words are the caller's to find. */
export class GlanceRefusal extends Error {
  constructor(
    readonly kind: FaultKind,
    readonly status: number,
  ) {
    super(`Glance answered ${status}`);
  }
}

/** Requests to Glance v2: whose token, how often, how long. */
export class GlanceHttp {
  private readonly json = new Agent({
    connections: MAX_CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    maxResponseSize: MAX_JSON_BYTES,
  });
  private readonly data = new Agent({
    connections: MAX_CONNECTIONS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: DATA_TIMEOUT_MS,
    bodyTimeout: DATA_TIMEOUT_MS,
  });
  private readonly base: string;

  /** @param tokens of Scoria's own user; without them Glance is taken to ask for none */
  constructor(
    url: string,
    private readonly tokens: TokenSource | undefined,
  ) {
    this.base = `${url.replace(/\/+$/, '').replace(/\/v2$/, '')}/v2`;
  }

  /**
   * Asks for JSON.
   *
   * @returns the parsed body, undefined when the answer has none
   * @throws GlanceRefusal for a 4xx that `accepts` does not name; Fault `unauthorized` when the caller's own token is
   * refused, `unavailable` when Glance gives no answer
   */
  async ask(asked: GlanceRequest): Promise<unknown> {
    const { body } = await this.send(asked, this.json);
    try {
      const text = await body.text();
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    } catch (cause) {
      throw imageServiceAway(cause);
    }
  }

  /** Asks for bytes, of which those before `from` do not come. Throws as `ask` does. */
  async stream(asked: Pick<GlanceRequest, 'path' | 'caller' | 'signal' | 'from'>): Promise<Readable> {
    const { from = 0 } = asked;
    const response = await this.send({ ...asked, method: 'GET', accepts: [200, 204, 206] }, this.data);
    if (from === 0) return response.body;
    // A store that cannot serve a part makes Glance, or a cache before it, send the whole.
    if (response.statusCode !== 206) return skipping(response.body, from);
    const first = /^bytes (\d+)-/.exec(String(response.headers['content-range']))?.[1];
    if (Number(first) === from) return response.body;
    response.body.on('error', () => undefined).destroy();
    throw imageServiceAway(new Error(`asked for bytes from ${from}, got them from ${first}`));
  }

  async close(): Promise<void> {
    await Promise.all([this.json.close(), this.data.close()]);
  }

  private async send(asked: GlanceRequest, agent: Agent): Promise<Dispatcher.ResponseData> {
    const tries = asked.method === 'GET' ? GET_TRIES : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.sendOnce(asked, asked.data === undefined ? agent : this.data);
      } catch (error) {
        const away = error instanceof Fault && error.kind === 'unavailable';
        if (!away || attempt >= tries || asked.signal?.aborted) throw error;
      }
      await delay(
        FIRST_PAUSE_MS * 2 ** (attempt - 1),
        undefined,
        asked.signal ? { signal: asked.signal } : {},
      );
    }
  }

  private async sendOnce(asked: GlanceRequest, agent: Agent): Promise<Dispatcher.ResponseData> {
    const own = asked.caller.token === undefined ? await this.tokens?.token() : undefined;
    const token = asked.caller.token ?? own;
    const response = await request(`${this.base}${asked.path}`, {
      method: asked.method,
      headers: headersOf(asked, token),
      body: asked.data ?? (asked.json === undefined ? null : JSON.stringify(asked.json)),
      dispatcher: agent,
      signal: asked.signal ?? null,
    }).catch((cause: unknown) => {
      asked.signal?.throwIfAborted();
      throw imageServiceAway(cause);
    });
    if (asked.accepts.includes(response.statusCode)) return response;
    // Only so much is read, so that the connection can be used again.
    await response.body.dump({ limit: MAX_JSON_BYTES }).catch(() => undefined);
    throw this.failure(response.statusCode, own);
  }

  /** @param own our own token, when it was the one used */
  private failure(status: number, own: string | undefined): Error {
    if (status === 401 && own === undefined)
      return new Fault('unauthorized', 'The image service refused the token.');
    if (status === 401) this.tokens!.invalidate(own!);
    const kind = FAULT_KINDS[status];
    const refusal = new GlanceRefusal(kind ?? 'unavailable', status);
    return kind === undefined ? imageServiceAway(refusal) : refusal;
  }
}

function headersOf(
  { method, json, data, dataBytes, from = 0 }: GlanceRequest,
  token: string | undefined,
): Record<string, string> {
  return {
    ...(token === undefined ? {} : { 'x-auth-token': token }),
    ...(from === 0 ? {} : { range: `bytes=${from}-` }),
    ...(json === undefined ? {} : { 'content-type': method === 'PATCH' ? JSON_PATCH : 'application/json' }),
    ...(data === undefined ? {} : { 'content-type': 'application/octet-stream' }),
    ...(dataBytes === undefined ? {} : { 'content-length': String(dataBytes) }),
  };
}

/** The stream without its first `bytes`. Whoever destroys the one destroys the other. */
function skipping(source: Readable, bytes: number): Readable {
  async function* rest(): AsyncGenerator<Buffer> {
    let left = bytes;
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (chunk.length > left) yield chunk.subarray(left);
      left = Math.max(0, left - chunk.length);
    }
  }
  return Readable.from(rest(), { objectMode: false });
}
