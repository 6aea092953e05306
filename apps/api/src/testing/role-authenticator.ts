import { Fault } from '@scoria/domain';
import type { AuthHeaders, Authenticator, Identity } from '@scoria/identity';

/** Tokens of the form `user:project:role,role`: what Keystone would say of them, without Keystone. */
export class RoleAuthenticator implements Authenticator {
  async authenticate({ authToken = '', serviceToken }: AuthHeaders): Promise<Identity> {
    const [userId, projectId, roles = ''] = authToken.split(':');
    if (!userId || !projectId)
      throw new Fault('unauthorized', 'The request you have made requires authentication.');
    const names = roles.split(',');
    return {
      context: {
        userId,
        projectId,
        roles: names,
        isAdmin: names.includes('admin'),
        isService: serviceToken !== undefined,
      },
    };
  }
}
