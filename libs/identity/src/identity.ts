import type { RequestContext } from '@scoria/domain';
import type { CatalogEntry } from './catalog.js';

/** Who calls. The request id is the caller's to add: it belongs to the request, not to the token. */
export interface Identity {
  context: Omit<RequestContext, 'requestId'>;
  /** Where the other services are; only when the authenticator was told to ask for it. */
  catalog?: CatalogEntry[];
  expiresAt?: Date;
}

/** The two headers that say who calls, `X-Auth-Token` and `X-Service-Token`. */
export interface AuthHeaders {
  authToken?: string;
  serviceToken?: string;
}

export interface AuthenticateOptions {
  /** The request changes nothing, so that an answer a little too old will do while Keystone is away. */
  readOnly?: boolean;
}

export interface Authenticator {
  /**
   * Says who calls.
   *
   * @throws Fault `unauthorized` for a missing or bad token, `forbidden` for one without a project, `unavailable`
   * (with `retryAfter`) when nobody can say
   */
  authenticate(headers: AuthHeaders, options?: AuthenticateOptions): Promise<Identity>;
}
