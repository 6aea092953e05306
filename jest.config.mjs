import { existsSync } from 'node:fs';

// Made by the build, like the tests themselves; without it the tests that need no server still run.
const servers = './libs/testing/dist/jest';

/** Tests run on what the build made: one compiler, no transform. */
export default {
  testEnvironment: 'node',
  roots: ['libs', 'apps'],
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
