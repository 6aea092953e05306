import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive, type ProcessState } from '@scoria/scoria';
import { processIdentity } from '@scoria/local-services';
import { stopOrKill } from './stop-or-kill.js';

/** A process that is told to end, and what it does about it. */
async function startOne(onTerm: string): Promise<ProcessState> {
  const program = `process.on('SIGTERM', () => { ${onTerm} }); setInterval(() => {}, 1000); console.log('ready')`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const pid = child.pid!;
  return { name: 'api1', pid, identity: processIdentity(pid), log: '', url: '' };
}

test('a service that does not stop is killed, and told apart from one that does', async () => {
  const stubborn = await startOne('');
  expect(await stopOrKill(stubborn, 0)).toBe(false);
  expect(isAlive(stubborn.pid)).toBe(false);
  expect(await stopOrKill(await startOne('process.exit()'))).toBe(true);
});
