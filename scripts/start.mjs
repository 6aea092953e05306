/**
 * `npm start -- [--no-install] [options of "scoria all"]`: the whole of Scoria in one process. `--no-install` leaves the
 * operating system's packages as they are.
 */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { scriptArguments } from './setup/arguments.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { RUN_PACKAGES } from './setup/system-packages.mjs';

const { install, args } = scriptArguments();

try {
  const node = await setUp({ systemPackages: RUN_PACKAGES, install });
  process.exitCode = await runProgram(node, [join(ROOT, 'apps/scoria/bin/scoria.mjs'), 'all', ...args]);
} catch (error) {
  fail(error);
}
