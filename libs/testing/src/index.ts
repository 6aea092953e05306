export { freePort } from '@scoria/local-services';
export { type WaitForOptions, waitFor } from './wait-for.js';
export { removeTempDirs, tempDir } from './temp-dir.js';
export { type DatabaseTemplate, type TestDatabase, testDatabase } from './test-database.js';
export { type TestRabbit, testRabbit } from './test-rabbit.js';
export { type GivenServers, TestServices, givenServers } from './services/test-services.js';
export { serveTestServices } from './services/services-socket.js';
