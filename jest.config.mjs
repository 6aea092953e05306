import { existsSync } from 'node:fs';

// Made by the build, like the tests themselves; without it the tests that need no server still run.
const servers = './libs/testing/dist/jest';

// Suites of many processes that want the machine for themselves: `npm run e2e`.
const alone = ['/e2e/'];
const asked = process.argv.some((arg) => /e2e/.test(arg));

/** Tests run on what the build made: one compiler, no transform. */
export default {
  testPathIgnorePatterns: ['/node_modules/', ...(asked ? [] : alone)],
  testEnvironment: 'node',
  roots: ['libs', 'apps', 'chaos'],
  testMatch: ['**/dist/**/*.spec.js'],
  transform: {},
  testTimeout: 60_000,
  maxWorkers: 2,
  cacheDirectory: 'node_modules/.cache/jest',
  ...(existsSync(servers) && {
    globalSetup: `${servers}/global-setup.js`,
    globalTeardown: `${servers}/global-teardown.js`,
  }),
};
