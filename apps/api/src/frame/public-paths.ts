/** Asked by machines: never refused for load, never logged as requests. */
export const PROBE_PATHS: ReadonlySet<string> = new Set(['/healthcheck', '/live', '/ready', '/metrics']);

/** Answered without a token. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set([...PROBE_PATHS, '/', '/v3', '/v3/']);
