export { freePort } from '@scoria/local-services';
export { type WaitForOptions, waitFor } from './wait-for.js';
export { removeTempDirs, tempDir } from './temp-dir.js';
export { type DatabaseTemplate, type TestDatabase, testDatabase } from './test-database.js';
export { TestServices } from './services/test-services.js';
export { serveTestServices } from './services/services-socket.js';
