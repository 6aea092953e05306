import type { ScoriaConfig } from '@scoria/config';
import {
  KeystoneAuthenticator,
  NoauthAuthenticator,
  type Authenticator,
  type KeystoneOptions,
} from '@scoria/identity';

/** Who says who is calling. The configuration has seen to it that what Keystone needs is there. */
export function createAuthenticator(config: ScoriaConfig): Authenticator {
  if (config.api.authStrategy === 'noauth') return new NoauthAuthenticator();
  return new KeystoneAuthenticator({ ...config.keystone, ...keystoneOptions(config) });
}

export function keystoneOptions({ keystone }: ScoriaConfig): KeystoneOptions {
  const { url, password } = keystone;
  if (url === undefined || password === undefined)
    throw new Error('keystone.url and keystone.password are required');
  const { username, projectName, userDomainName, projectDomainName } = keystone;
  return { url, password, username, projectName, userDomainName, projectDomainName };
}
