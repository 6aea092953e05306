/** Hands the terminal over to the program that a script was run for. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { exitCode } from './report.mjs';

/** Has the kernel send the program SIGTERM when the script dies, even by SIGKILL (Linux). */
const TIE = ['/usr/bin/setpriv', '--pdeathsig', 'TERM', '--'];

/**
 * Runs a program to its end and returns its exit code. SIGTERM and SIGINT go on to it; a Ctrl-C in a terminal does not
 * need to, since the terminal sends it to both, and a second one would mean "at once".
 */
export async function runProgram(program, programArgs, options) {
  const [command, ...args] = [...(existsSync(TIE[0]) ? TIE : []), program, ...programArgs];
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const forward = (signal) => {
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
  try {
    return await exitCode(child);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, forward);
  }
}
