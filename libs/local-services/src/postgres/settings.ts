/** What a run may choose about its PostgreSQL. */
export interface PostgresSettings {
  /** False gives up crash safety for speed: for tests, never for data that matters. Default true. */
  durable?: boolean;
  /** Further configuration parameters, by PostgreSQL's own names. They win over the ones chosen here. */
  parameters?: Record<string, string>;
}

const COMMON = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  max_connections: '200',
  // A checkpoint's two lines every five minutes are all that an idle server would ever log.
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const NOT_DURABLE = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** Command-line arguments for `postgres`. */
export function serverArguments(directory: string, port: number, settings: PostgresSettings): string[] {
  const parameters: Record<string, string> = {
    ...COMMON,
    ...(settings.durable === false ? NOT_DURABLE : {}),
    ...settings.parameters,
    port: String(port),
  };
  return [
    '-D',
    directory,
    ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}
