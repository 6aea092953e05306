/** Makes node_modules what package-lock.json says. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phase, runQuietly } from './report.mjs';

/** Whatever NODE_ENV or npm's own settings say: the compiler and Node.js itself are among them. */
const INCLUDED = ['--include=dev', '--include=optional'];

/**
 * Runs `npm install` unless npm's own record of what it installed agrees with package-lock.json.
 * Not `npm ci`: it refuses lock files in which another platform's optional packages are left out.
 */
export async function installNodeModules(root) {
  if (isComplete(root)) return;
  const npm = process.env.npm_execpath;
  const [command, ...prefix] = npm ? [process.execPath, npm] : ['npm'];
  await phase('Installing npm packages (about 500 MB, a minute or two)', () =>
    runQuietly(command, [...prefix, 'install', ...INCLUDED, '--no-audit', '--no-fund'], { cwd: root }),
  );
}

function isComplete(root) {
  const record = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  const wanted = Object.entries(packagesOf(join(root, 'package-lock.json')));
  return wanted.every(([path, entry]) => {
    if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return true;
    const found = installed[path];
    // Optional packages of other platforms are rightly absent.
    return found ? found.version === entry.version : entry.optional === true;
  });
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
