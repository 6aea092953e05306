import { Fault } from '@scoria/domain';
import type { AuthHeaders, Authenticator, Identity } from './identity.js';

/** Characters of a user or project, as in Cinder's columns. */
const MAX_LENGTH = 255;
const NAME = /^[\w.@-]+$/;

/**
 * Believes what it is told: `X-Auth-Token: <user>:<project>` is an administrator in that project (cinder-map §0).
 * For one machine and for tests; the configuration keeps it on the loopback interface.
 */
export class NoauthAuthenticator implements Authenticator {
  /** @throws Fault `unauthorized` when the token is missing or is not two names of 1 to 255 characters */
  async authenticate({ authToken }: AuthHeaders): Promise<Identity> {
    const parts = (authToken ?? '').split(':');
    const [userId, projectId] = parts;
    if (parts.length !== 2 || !isName(userId) || !isName(projectId)) {
      throw new Fault('unauthorized', 'The token must have the form user:project.');
    }
    return { context: { userId, projectId, isAdmin: true, roles: ['admin', 'member', 'reader'] } };
  }
}

/**
 * Headers of the 204 that answers a request without a token, for a client that logs in: `X-Auth-User` names the user
 * and, absent an `X-Auth-Project-Id`, the project too. Names that no token could hold become `admin`.
 *
 * @param baseUrl the endpoint without a project, e.g. `http://127.0.0.1:8776/v3`
 */
export function noauthLoginHeaders(
  baseUrl: string,
  asked: { user?: string; project?: string } = {},
): Record<'X-Auth-Token' | 'X-Server-Management-Url', string> {
  const user = isName(asked.user) ? asked.user : 'admin';
  const project = isName(asked.project) ? asked.project : 'admin';
  return {
    'X-Auth-Token': `${user}:${project}`,
    'X-Server-Management-Url': `${baseUrl.replace(/\/+$/, '')}/${project}`,
  };
}

function isName(text: string | undefined): text is string {
  return text !== undefined && text.length <= MAX_LENGTH && NAME.test(text);
}
