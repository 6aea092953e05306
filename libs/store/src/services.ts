import type { Database } from './database.js';

export interface ServiceReport {
  /** Cinder's name of the program, e.g. `cinder-volume`. */
  binary: 'cinder-api' | 'cinder-scheduler' | 'cinder-volume';
  /** `host`, or `host@backend` for a volume service. */
  host: string;
  availabilityZone: string;
  backendState?: 'up' | 'down';
}

/** Says that the service is alive, now by the database's clock. What an operator disabled stays disabled. */
export async function reportService(database: Database, report: ServiceReport): Promise<void> {
  await database.query(
    `insert into services ("binary", host, availability_zone, backend_state, reported_at)
     values ($1, $2, $3, $4, clock_timestamp())
     on conflict ("binary", host) do update
       set availability_zone = excluded.availability_zone, backend_state = excluded.backend_state,
           reported_at = excluded.reported_at`,
    [report.binary, report.host, report.availabilityZone, report.backendState ?? null],
  );
}
