import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { searchPath } from './command-environment.js';

/** The absolute path of a program, or undefined when this machine has none that we may run. */
export async function findProgram(program: string): Promise<string | undefined> {
  const candidates = isAbsolute(program)
    ? [program]
    : program === '' || program.includes('/')
      ? []
      : searchPath().map((directory) => join(directory, program));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
