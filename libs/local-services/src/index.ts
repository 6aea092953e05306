export { canListen, freePort } from './process/free-port.js';
export { isAlive, processIdentity } from './process/process-table.js';
export { PrivatePostgres, type PrivatePostgresOptions } from './postgres/private-postgres.js';
export { runningPostgres } from './postgres/running-postgres.js';
export type { PostgresSettings } from './postgres/settings.js';
export { PrivateRabbit, type PrivateRabbitOptions } from './rabbit/private-rabbit.js';
