/** `npm run lint`: rules of the code and of its layers, then its form. */
import { join } from 'node:path';
import { ROOT, setUp } from './setup.mjs';
import { fail } from './setup/report.mjs';
import { runProgram } from './setup/run-program.mjs';

const NX = join(ROOT, 'node_modules/nx/dist/bin/nx.js');
const ESLINT = join(ROOT, 'node_modules/eslint/bin/eslint.js');
const PRETTIER = join(ROOT, 'node_modules/prettier/bin/prettier.cjs');

process.env.NX_DAEMON = 'false';

try {
  const node = await setUp({ systemPackages: [] });
  // The layer rule reads Nx's project graph from its cache; without one it would be skipped.
  const steps = [
    [NX, 'show', 'projects', '--json'],
    [ESLINT, '--max-warnings', '0', '.'],
    [PRETTIER, '--check', '--log-level', 'warn', '.'],
  ];
  for (const args of steps) {
    const code = await runProgram(node, args);
    if (code !== 0) process.exit(code);
  }
} catch (error) {
  fail(error);
}
