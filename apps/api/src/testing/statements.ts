import type { Database } from '@scoria/store';

/** The statements that `work` sends to the database. */
export async function statementsOf(database: Database, work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  const { dataSource } = database;
  const { logger } = dataSource;
  const ignore = (): void => {};
  dataSource.logger = {
    logQuery: (query) => void seen.push(query),
    logQueryError: ignore,
    logQuerySlow: ignore,
    logSchemaBuild: ignore,
    logMigration: ignore,
    log: ignore,
  };
  try {
    await work();
  } finally {
    dataSource.logger = logger;
  }
  return seen;
}
