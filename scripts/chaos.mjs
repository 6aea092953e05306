/**
 * `npm run chaos -- [--minutes N] [--seed S] [--only FAULT[,FAULT]] [--tenants N] [--slice] [--plan PLAN] [--report FILE]`:
 * breaks a cluster on this machine in every way there is, and checks that nothing was lost. See docs/faults.md.
 */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { CHAOS_PACKAGES } from './setup/system-packages.mjs';

try {
  const node = await setUp({ systemPackages: CHAOS_PACKAGES });
  process.exitCode = await runProgram(node, [join(ROOT, 'chaos/dist/main.js'), ...process.argv.slice(2)]);
} catch (error) {
  fail(error);
}
