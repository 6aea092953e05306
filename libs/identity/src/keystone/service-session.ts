import type { CatalogEntry } from '../catalog.js';
import { keystoneAway, type KeystoneHttp } from './keystone-http.js';
import type { KeystoneOptions } from './keystone-options.js';
import { parseToken } from './token-document.js';

/** Where the token of Scoria's own user comes from. */
export interface TokenSource {
  /** @throws Fault `unavailable` when there is none to be had */
  token(): Promise<string>;
  /** A service refused `token`: the next `token()` is a new one. */
  invalidate(token: string): void;
}

interface Session {
  token: string;
  catalog: CatalogEntry[];
  /** Milliseconds of the clock, after which the token is not used any more. */
  usableUntil: number;
}

/** Milliseconds before its expiry that a token is replaced, so that none expires under way. */
const RENEW_BEFORE_MS = 120_000;

/** Logs Scoria's own user in by password, keeps its token, and renews it before it expires or when it was refused. */
export class ServiceSession implements TokenSource {
  private session: Session | undefined;
  private login: Promise<Session> | undefined;

  constructor(
    private readonly http: KeystoneHttp,
    private readonly options: KeystoneOptions,
  ) {}

  async token(): Promise<string> {
    return (await this.current()).token;
  }

  /** The services as Scoria's own user sees them. */
  async catalog(): Promise<CatalogEntry[]> {
    return (await this.current()).catalog;
  }

  invalidate(token: string): void {
    if (this.session?.token === token) this.session = undefined;
  }

  private async current(): Promise<Session> {
    if (this.session !== undefined && Date.now() < this.session.usableUntil) return this.session;
    this.login ??= this.logIn().finally(() => (this.login = undefined));
    return (this.session = await this.login);
  }

  private async logIn(): Promise<Session> {
    const { username, password, userDomainName, projectName, projectDomainName } = this.options;
    const user = { name: username, password, domain: { name: userDomainName } };
    const project = { name: projectName, domain: { name: projectDomainName } };
    const { status, subjectToken, body } = await this.http.send({
      method: 'POST',
      path: '/auth/tokens',
      headers: {},
      body: { auth: { identity: { methods: ['password'], password: { user } }, scope: { project } } },
    });
    if (status !== 201 || subjectToken === undefined) {
      throw keystoneAway(new Error(`Keystone answered ${status} to the login of ${username}`));
    }
    const { expiresAt, catalog = [] } = parseToken(body);
    // A token that lives shorter than the margin is used for half its life.
    const life = expiresAt.getTime() - Date.now();
    return {
      token: subjectToken,
      catalog,
      usableUntil: Date.now() + Math.max(life - RENEW_BEFORE_MS, life / 2),
    };
  }
}
