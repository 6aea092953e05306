/**
 * `npm run bench -- [--no-install] [--burst N] [reads|creates|placements|claims|fairness|overload]...`: benchmarks
 * against their floors, on this machine.
 */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { scriptArguments } from './setup/arguments.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { CLUSTER_PACKAGES } from './setup/system-packages.mjs';

const { install, args } = scriptArguments();

try {
  const node = await setUp({ systemPackages: CLUSTER_PACKAGES, install });
  process.exitCode = await runProgram(node, [join(ROOT, 'bench/dist/main.js'), ...args]);
} catch (error) {
  fail(error);
}
