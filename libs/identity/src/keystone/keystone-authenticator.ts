import { Fault } from '@scoria/domain';
import type { AuthenticateOptions, Authenticator, AuthHeaders, Identity } from '../identity.js';
import { hasRole } from '../personas.js';
import { KeystoneHttp } from './keystone-http.js';
import type { KeystoneOptions, TokenCheckOptions } from './keystone-options.js';
import { ServiceSession } from './service-session.js';
import { TokenCache } from './token-cache.js';
import type { TokenDocument } from './token-document.js';
import { badToken, TokenValidator, type ValidateOptions } from './token-validator.js';

const DEFAULT_REFUSED_SECONDS = 10;

/**
 * Has tokens checked by Keystone v3. Tokens of application credentials with access rules are refused by Keystone
 * itself, since we do not claim to enforce such rules.
 */
export class KeystoneAuthenticator implements Authenticator {
  /** Scoria's own user at Keystone, for the other services that are used on a caller's behalf. */
  readonly session: ServiceSession;
  private readonly http: KeystoneHttp;
  private readonly validator: TokenValidator;
  private readonly cache: TokenCache;
  private readonly options: TokenCheckOptions;

  constructor(options: KeystoneOptions & TokenCheckOptions) {
    this.options = options;
    this.http = new KeystoneHttp(options.url, options.timeoutMs);
    this.session = new ServiceSession(this.http, options);
    this.validator = new TokenValidator(this.http, this.session);
    this.cache = new TokenCache({
      cacheSeconds: options.cacheSeconds,
      cacheSize: options.cacheSize,
      refusedSeconds: options.refusedSeconds ?? DEFAULT_REFUSED_SECONDS,
      staleSeconds: options.staleSeconds ?? 0,
    });
  }

  async authenticate(
    headers: AuthHeaders,
    { readOnly = false }: AuthenticateOptions = {},
  ): Promise<Identity> {
    const { authToken, serviceToken } = headers;
    if (!authToken) throw badToken();
    // A bad service token fails the request, as keystonemiddleware does: its sender believes to be a service.
    const service = serviceToken ? await this.check(serviceToken, false, readOnly) : undefined;
    const isService = service !== undefined && this.hasServiceRole(service);
    // A service may finish what a user began whose token has expired meanwhile.
    return this.toIdentity(await this.check(authToken, isService, readOnly), isService);
  }

  /** Ends the connections to Keystone. */
  close(): Promise<void> {
    return this.http.close();
  }

  private check(token: string, allowExpired: boolean, readOnly: boolean): Promise<TokenDocument> {
    const options: ValidateOptions = { allowExpired, withCatalog: this.options.withCatalog ?? false };
    const variant = allowExpired ? 'allow-expired' : '';
    return this.cache.get(token, variant, readOnly, () => this.validator.validate(token, options));
  }

  private hasServiceRole({ roles }: TokenDocument): boolean {
    return this.options.serviceTokenRoles.some((role) => hasRole(roles, role));
  }

  /**
   * Only tokens of a project count: every row belongs to one, and an administrator of a mere domain must not become
   * one of everything.
   */
  private toIdentity(token: TokenDocument, isService: boolean): Identity {
    if (token.projectId === undefined) throw new Fault('forbidden', 'The token is not scoped to a project.');
    return {
      context: {
        userId: token.userId,
        projectId: token.projectId,
        isAdmin: token.isAdminProject && hasRole(token.roles, 'admin'),
        roles: token.roles,
        ...(isService ? { isService } : {}),
      },
      ...(token.catalog === undefined ? {} : { catalog: token.catalog }),
      expiresAt: token.expiresAt,
    };
  }
}
