/** Whatever JSON holds: bodies have many shapes, and matchers look at them. */
export type Json = ReturnType<typeof JSON.parse>;

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

  async send<T = Json>(
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

  get = <T = Json>(path: string, options?: SendOptions) => this.send<T>('GET', path, undefined, options);
  post = <T = Json>(path: string, body?: unknown, options?: SendOptions) =>
    this.send<T>('POST', path, body, options);
  put = <T = Json>(path: string, body?: unknown, options?: SendOptions) =>
    this.send<T>('PUT', path, body, options);
  delete = <T = Json>(path: string, options?: SendOptions) =>
    this.send<T>('DELETE', path, undefined, options);
}
