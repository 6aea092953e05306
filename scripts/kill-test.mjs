/**
 * `npm run kill-test -- [--operations N] [--seed S]`: the kill test alone, as long as you like. A seed gives the same
 * choices again.
 */
import { join } from 'node:path';
import { ROOT } from './setup.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';

const given = process.argv.slice(2);
const valueOf = (name) => {
  const index = given.indexOf(name);
  return index < 0 ? undefined : given[index + 1];
};

try {
  const env = { ...process.env };
  const [operations, seed] = [valueOf('--operations'), valueOf('--seed')];
  if (operations) env.SCORIA_KILL_OPERATIONS = operations;
  if (seed) env.SCORIA_KILL_SEED = seed;
  const args = [join(ROOT, 'scripts/test.mjs'), 'apps/scoria/dist/resilience'];
  process.exitCode = await runProgram(process.execPath, args, { cwd: ROOT, env });
} catch (error) {
  fail(error);
}
