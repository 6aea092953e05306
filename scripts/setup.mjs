/**
 * Makes a fresh checkout ready to run: npm packages, programs of the system, compiled code. What is in place already
 * costs a fraction of a second. Plain JavaScript for Node.js 20, since it runs before anything is installed.
 */
import { fileURLToPath } from 'node:url';
import { installNodeModules } from './setup/node-modules.mjs';
import { phase, runQuietly } from './setup/report.mjs';
import { rightNode } from './setup/right-node.mjs';
import { installSystemPackages } from './setup/system-packages.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {{ systemPackages: string[], install?: boolean }} options `install: false` leaves the system as it is.
 * @returns {Promise<string>} path of the Node.js to go on with.
 */
export async function setUp({ systemPackages, install = true }) {
  await installNodeModules(ROOT);
  await installSystemPackages(systemPackages, { install });
  const node = rightNode(ROOT);
  await phase('Compiling', () => runQuietly(node, ['scripts/build.mjs'], { cwd: ROOT }));
  return node;
}
