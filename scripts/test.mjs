/**
 * `npm test -- [options and paths for jest]`: sets everything up, starts a PostgreSQL and a RabbitMQ of its own unless
 * SCORIA_TEST_DATABASE_URL and SCORIA_TEST_AMQP_URL name others, and runs the tests. Leaves nothing running and no file
 * behind, also when it is interrupted.
 */
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT, setUp } from './setup.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { TEST_PACKAGES } from './setup/system-packages.mjs';

const REMOVAL_ATTEMPTS = 50;
const REMOVAL_PAUSE_MS = 200;

const given = process.argv.slice(2);
const args = given.filter((arg) => arg !== '--no-install');
const jest = ['--experimental-vm-modules', '--no-warnings', join(ROOT, 'node_modules/jest/bin/jest.js')];

try {
  const node = await setUp({ systemPackages: TEST_PACKAGES, install: args.length === given.length });
  // All that the tests and their servers write to "the" temporary directory goes with this one.
  const directory = mkdtempSync(join(tmpdir(), 'scoria-test-'));
  chmodSync(directory, 0o711);
  const env = { ...process.env, TMPDIR: directory, SCORIA_TEST_START_SERVERS: 'yes' };
  try {
    process.exitCode = await runProgram(node, [...jest, ...args], { cwd: ROOT, env });
  } finally {
    await remove(directory);
  }
} catch (error) {
  fail(error);
}

/** After an interruption the servers are still ending, and may write once more: try until it is really gone. */
async function remove(directory) {
  for (let attempt = 0; attempt < REMOVAL_ATTEMPTS && existsSync(directory); attempt++) {
    if (attempt > 0) await delay(REMOVAL_PAUSE_MS);
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  }
}
