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

/** What says that there is no such program; anything else is trouble, and no reason to go on without it. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EACCES']);

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    if (ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
