import { spawn } from 'node:child_process';
import { findProgram } from './program-path.js';

/** Milliseconds that setpriv has to say that it works: a machine may stand still for a while. */
const PROBE_TIMEOUT_MS = 30_000;

let prefix: Promise<string[]> | undefined;

/**
 * The words before a command that make the kernel kill it when this process dies, even by SIGKILL: util-linux's
 * `setpriv --pdeathsig`. Empty where that is missing (macOS, BusyBox); `killSurvivors()` is then what is left.
 * Only the command itself is bound to us: its children are found by `killSurvivors()`.
 *
 * @throws Error when nobody can tell just now; the next call asks again
 */
export function deathSignalPrefix(): Promise<string[]> {
  return (prefix ??= probe().catch((error: unknown) => {
    prefix = undefined;
    throw error;
  }));
}

async function probe(): Promise<string[]> {
  const setpriv = await findProgram('setpriv');
  if (setpriv === undefined) return [];
  const words = [setpriv, '--pdeathsig', 'KILL', '--'];
  const works = await new Promise<boolean>((resolve, reject) => {
    const child = spawn(setpriv, [...words.slice(1), setpriv, '--version'], {
      stdio: 'ignore',
      timeout: PROBE_TIMEOUT_MS,
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal === null) resolve(code === 0);
      else reject(new Error(`${setpriv} was killed by ${signal} before it said whether it works`));
    });
  });
  return works ? words : [];
}
