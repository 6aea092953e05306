/**
 * `npm test -- [options and paths for jest]`: sets everything up, starts a PostgreSQL and a RabbitMQ of its own unless
 * SCORIA_TEST_DATABASE_URL and SCORIA_TEST_AMQP_URL name others, and runs the tests. Leaves nothing running and no file
 * behind, also when it is interrupted.
 */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { scriptArguments } from './setup/arguments.mjs';
import { withOwnTempDir } from './setup/own-temp-dir.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { TEST_PACKAGES } from './setup/system-packages.mjs';

const { install, args } = scriptArguments();
const jest = ['--experimental-vm-modules', '--no-warnings', join(ROOT, 'node_modules/jest/bin/jest.js')];

try {
  const node = await setUp({ systemPackages: TEST_PACKAGES, install });
  process.exitCode = await withOwnTempDir((directory) => {
    // All that the tests and their servers write to "the" temporary directory goes with this one.
    const env = { ...process.env, TMPDIR: directory, SCORIA_TEST_START_SERVERS: 'yes' };
    return runProgram(node, [...jest, ...args], { cwd: ROOT, env });
  });
} catch (error) {
  fail(error);
}
