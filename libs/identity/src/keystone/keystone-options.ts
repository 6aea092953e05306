/** How to reach Keystone and who we are there. The configuration's `keystone` section has these names. */
export interface KeystoneOptions {
  /** The identity endpoint, with or without `/v3`. */
  url: string;
  username: string;
  password: string;
  projectName: string;
  userDomainName: string;
  projectDomainName: string;
  /** Milliseconds for one request to Keystone. 10,000 unless told. */
  timeoutMs?: number;
}

export interface TokenCheckOptions {
  /** Seconds for which a checked token is trusted; 0 checks each time. */
  cacheSeconds: number;
  /** Tokens remembered at most, good and bad ones each. */
  cacheSize: number;
  /** Seconds for which a token that Keystone did not know stays unknown. 10 unless told. */
  refusedSeconds?: number;
  /** Seconds beyond `cacheSeconds` for which reads go on with a checked token while Keystone is away. 0 unless told. */
  staleSeconds?: number;
  /** A service token counts when it has one of these roles. */
  serviceTokenRoles: readonly string[];
  /** Ask for the catalogue too, which makes answers and the cache several times larger. */
  withCatalog?: boolean;
}
