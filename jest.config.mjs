/** Tests run on what the build made: one compiler, no transform. */
export default {
  testEnvironment: 'node',
  roots: ['libs', 'apps'],
  testMatch: ['**/dist/**/*.spec.js'],
  transform: {},
  testTimeout: 60_000,
  maxWorkers: 2,
};
