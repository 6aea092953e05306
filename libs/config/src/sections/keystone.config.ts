import { IsOptional } from 'class-validator';
import { Names, Text, UrlOf, Whole } from '../fields.js';
import { Redactable, Secret } from '../redact.js';

/** Keystone, and the service user by which Scoria checks tokens. Needed when `api.authStrategy` is `keystone`. */
export class KeystoneConfig extends Redactable {
  /** The identity endpoint, e.g. `https://keystone:5000/v3`. No default. */
  @IsOptional()
  @UrlOf('http', 'https')
  url?: string;

  /** Service user. Default `cinder`. */
  @Text()
  username = 'cinder';

  /** Its password. No default. */
  @IsOptional()
  @Text(1024)
  @Secret()
  password?: string;

  /** Its project. Default `service`. */
  @Text()
  projectName = 'service';

  /** Domain of the user. Default `Default`. */
  @Text()
  userDomainName = 'Default';

  /** Domain of the project. Default `Default`. */
  @Text()
  projectDomainName = 'Default';

  /** Region to choose from the catalogue. Default: any. */
  @IsOptional()
  @Text()
  region?: string;

  /** Seconds for which a checked token is trusted; 0 checks each time. Default 300. */
  @Whole(0, 3600)
  cacheSeconds = 300;

  /** Checked tokens kept in memory at most. Default 10,000. */
  @Whole(1, 1_000_000)
  cacheSize = 10_000;

  /** A service token counts when it has one of these roles. Default `[service]`. */
  @Names(32)
  serviceTokenRoles: string[] = ['service'];
}
