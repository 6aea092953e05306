import { Fault } from '@scoria/domain';
import { keystoneAway, type KeystoneHttp } from './keystone-http.js';
import type { TokenSource } from './service-session.js';
import { parseToken, type TokenDocument } from './token-document.js';

/** Characters of a token: those that HTTP headers of Keystone's token formats have, and a little more. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

export interface ValidateOptions {
  /** Takes tokens that expired within Keystone's `allow_expired_window` too. */
  allowExpired: boolean;
  withCatalog: boolean;
}

/** Asks Keystone what a token says. */
export class TokenValidator {
  constructor(
    private readonly http: KeystoneHttp,
    private readonly own: TokenSource,
  ) {}

  /** @throws Fault `unauthorized` when Keystone does not know the token, `unavailable` when it cannot be asked */
  async validate(token: string, options: ValidateOptions): Promise<TokenDocument> {
    if (!TOKEN.test(token)) throw badToken();
    let answer = await this.ask(token, options);
    // Our own token was refused: revoked, or Keystone lost its keys. A new one, once.
    if (answer.status === 401) answer = await this.ask(token, options);
    if (answer.status === 404) throw badToken();
    if (answer.status !== 200)
      throw keystoneAway(new Error(`Keystone answered ${answer.status} to a token check`));
    return parse(answer.body);
  }

  private async ask(token: string, options: ValidateOptions): Promise<{ status: number; body: unknown }> {
    const query = new URLSearchParams({
      ...(options.withCatalog ? {} : { nocatalog: '1' }),
      ...(options.allowExpired ? { allow_expired: '1' } : {}),
    });
    const own = await this.own.token();
    const answer = await this.http.send({
      method: 'GET',
      path: `/auth/tokens?${query.toString()}`,
      headers: { 'x-auth-token': own, 'x-subject-token': token },
    });
    if (answer.status === 401) this.own.invalidate(own);
    return answer;
  }
}

export function badToken(): Fault {
  return new Fault('unauthorized', 'The request you have made requires authentication.');
}

function parse(body: unknown): TokenDocument {
  try {
    return parseToken(body);
  } catch (cause) {
    throw keystoneAway(cause);
  }
}
