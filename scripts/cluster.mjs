/**
 * `npm run cluster -- up|down|status|kill NAME|start NAME [--data DIR] [--base-port N] [--no-install]`: the distributed
 * shape on this machine. `kill` is SIGKILL.
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
  process.exitCode = await runProgram(node, [join(ROOT, 'apps/scoria/bin/scoria.mjs'), 'cluster', ...args]);
} catch (error) {
  fail(error);
}
