/** Hands the terminal over to the program that a script was run for. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { exitCode } from './report.mjs';

/** Has the kernel send the program SIGTERM when the script dies, even by SIGKILL (Linux). */
const TIE = ['/usr/bin/setpriv', '--pdeathsig', 'TERM', '--'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs a program to its end and returns its exit code. It has a process group of its own: so each signal reaches it
 * once, from here, whether a terminal sent it to everybody or somebody to this script; and what it leaves behind in
 * its group ends with it.
 */
export async function runProgram(program, programArgs, options) {
  const [command, ...args] = [...(existsSync(TIE[0]) ? TIE : []), program, ...programArgs];
  const child = spawn(command, args, { stdio: 'inherit', detached: true, ...options });
  const forward = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    return await exitCode(child);
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward);
    killGroup(child.pid);
  }
}

function killGroup(pid) {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
