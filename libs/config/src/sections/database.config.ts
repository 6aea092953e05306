import { Text, UrlOf, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** PostgreSQL: where all state is. */
export class DatabaseConfig extends Redactable {
  /** `postgresql://user:password@host:port/database`. Required. */
  @UrlOf('postgresql', 'postgres')
  url!: string;

  /** Connections that one process keeps at most. Default 10. */
  @Whole(1, 500)
  poolSize = 10;

  /** Statements of one process that may wait for a connection; further ones fail at once. Default 1,000. */
  @Whole(1, 100_000)
  maxWaiting = 1000;

  /** Milliseconds that a statement waits for a connection, and a new connection may take. Default 5,000. */
  @Whole(10, 600_000)
  waitTimeoutMs = 5000;

  /** Shown in `pg_stat_activity`. Default `scoria`. */
  @Text(63)
  applicationName = 'scoria';
}
