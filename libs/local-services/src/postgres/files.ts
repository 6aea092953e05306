/** Which process serves a data directory. */
export const PROCESS_FILE = 'postgres-process.json';

export const PASSWORD_FILE = 'postgres-password';
