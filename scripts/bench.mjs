/** `npm run bench -- [reads|creates|placements]...`: benchmarks against their floors, on this machine. */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { CLUSTER_PACKAGES } from './setup/system-packages.mjs';

try {
  const node = await setUp({ systemPackages: CLUSTER_PACKAGES });
  process.exitCode = await runProgram(node, [join(ROOT, 'bench/dist/main.js'), ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
