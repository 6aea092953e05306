/** A volume, a snapshot, or whatever else a collection holds. */
export interface Item {
  id: string;
  attachments: Record<string, unknown>[];
  name: string | null;
  status: string;
  size: number;
  metadata: Record<string, string>;
  [key: string]: unknown;
}

export interface WireFault {
  code: number;
  message: string;
  retryAfter?: string;
}

export interface Link {
  rel: string;
  href: string;
}

/** The keys that bodies have; each answer has some of them. Tests of others name their own type. */
export interface Body {
  [key: string]: unknown;
  volume: Item;
  volumes: Item[];
  volumes_links: Link[];
  snapshot: Item;
  snapshots: Item[];
  snapshots_links: Link[];
  count: number;
  metadata: Record<string, string>;
  'os-volume_upload_image': Record<string, unknown> & { image_id: string; volume_type: Item };
  'volume-summary': unknown;
  versions: { version: string; min_version: string; links: Link[] }[];
  badRequest: WireFault;
  unauthorized: WireFault;
  forbidden: WireFault;
  itemNotFound: WireFault;
  conflictingRequest: WireFault;
  overLimit: WireFault;
  computeFault: WireFault;
}

/** An answer, whatever its status. */
export interface Reply<T> {
  status: number;
  headers: Headers;
  text: string;
  body: T;
}

export interface SendOptions {
  /** E.g. `3.27`. */
  version?: string;
  headers?: Record<string, string>;
  /** Sent as it is instead of JSON. */
  raw?: string;
}

/** Speaks to the gateway as one user of one project. */
export class Client {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async send<T = Body>(
    method: string,
    path: string,
    body?: unknown,
    options: SendOptions = {},
  ): Promise<Reply<T>> {
    const content = options.raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${this.url}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.token === '' ? {} : { 'x-auth-token': this.token }),
        ...(content === undefined ? {} : { 'content-type': 'application/json' }),
        ...(options.version === undefined ? {} : { 'openstack-api-version': `volume ${options.version}` }),
        ...options.headers,
      },
      ...(content === undefined ? {} : { body: content }),
    });
    const text = await response.text();
    const json = text !== '' && (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as T,
    };
  }

  get = <T = Body>(path: string, options?: SendOptions) => this.send<T>('GET', path, undefined, options);
  post = <T = Body>(path: string, body?: unknown, options?: SendOptions) =>
    this.send<T>('POST', path, body, options);
  put = <T = Body>(path: string, body?: unknown, options?: SendOptions) =>
    this.send<T>('PUT', path, body, options);
  delete = <T = Body>(path: string, options?: SendOptions) =>
    this.send<T>('DELETE', path, undefined, options);
}
