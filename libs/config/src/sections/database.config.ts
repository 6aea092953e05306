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

  /** Shown in `pg_stat_activity`. Default `scoria`. */
  @Text(63)
  applicationName = 'scoria';
}
