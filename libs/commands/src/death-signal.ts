import { spawn } from 'node:child_process';
import { findProgram } from './program-path.js';

let prefix: Promise<string[]> | undefined;

/**
 * The words before a command that make the kernel kill it when this process dies, even by SIGKILL: util-linux's
 * `setpriv --pdeathsig`. Empty where that is missing (macOS, BusyBox); `killSurvivors()` is then what is left.
 * Only the command itself is bound to us: its children are found by `killSurvivors()`.
 */
export function deathSignalPrefix(): Promise<string[]> {
  return (prefix ??= probe());
}

async function probe(): Promise<string[]> {
  const setpriv = await findProgram('setpriv');
  if (setpriv === undefined) return [];
  const words = [setpriv, '--pdeathsig', 'KILL', '--'];
  const works = await new Promise<boolean>((resolve) => {
    const child = spawn(setpriv, [...words.slice(1), setpriv, '--version'], {
      stdio: 'ignore',
      timeout: 5000,
    });
    child.on('error', () => resolve(false));
    child.on('close', (code) => resolve(code === 0));
  });
  return works ? words : [];
}
