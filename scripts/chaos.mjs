/**
 * `npm run chaos -- [--minutes N] [--seed S] [--only FAULT[,FAULT]] [--tenants N] [--slice] [--plan PLAN]
 * [--report FILE] [--no-install]`: breaks a cluster on this machine in every way there is, and checks that nothing was
 * lost. See docs/faults.md.
 */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { scriptArguments } from './setup/arguments.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';
import { CHAOS_PACKAGES } from './setup/system-packages.mjs';

const { install, args } = scriptArguments();

try {
  const node = await setUp({ systemPackages: CHAOS_PACKAGES, install });
  process.exitCode = await runProgram(node, [join(ROOT, 'chaos/dist/main.js'), ...args]);
} catch (error) {
  fail(error);
}
