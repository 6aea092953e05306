/** What the set-up says: one line for each thing that takes time. */
import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

const TAIL_LINES = 25;

/** Runs `work` under a line of its own that ends with the seconds it took. */
export async function phase(title, work) {
  const begin = performance.now();
  process.stdout.write(`${title} ... `);
  try {
    const result = await work();
    process.stdout.write(`${((performance.now() - begin) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write('failed\n');
    throw error;
  }
}

/**
 * Runs a command whose output is of interest only when it fails: the error then ends with the output's tail.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 */
export async function runQuietly(command, args, options = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'scoria-setup-'));
  const file = join(directory, 'output');
  const output = openSync(file, 'w');
  try {
    const code = await exitCode(spawn(command, args, { ...options, stdio: ['ignore', output, output] }));
    if (code === 0) return;
    const tail = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
    throw new Error(`${command} ${args.join(' ')} ended with code ${code}:\n${tail}`);
  } finally {
    closeSync(output);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The code with which a child ends; for a death by signal what a shell would say, 128 and the signal's number. */
export function exitCode(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/** Prints an error without its stack: whoever runs a script is told what to do, not where it was noticed. */
export function fail(error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
