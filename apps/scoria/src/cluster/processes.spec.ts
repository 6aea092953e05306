import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { processIdentity } from '@scoria/local-services';
import { killProcess, stopProcess } from './processes.js';
import { stillRuns } from './state.js';

test('a stranger that has the id of a member, as after a restart of the machine, is neither taken for it nor ended', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 60_000)'], { stdio: 'ignore' });
  await once(stranger, 'spawn');
  try {
    const pid = stranger.pid!;
    const member = { name: 'api1', pid, identity: 'of an earlier start', log: '', url: '' };
    expect(stillRuns(member)).toBe(false);
    await stopProcess(member);
    await killProcess(member);
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    const itself = { ...member, identity: processIdentity(pid) };
    expect(stillRuns(itself)).toBe(true);
    await stopProcess(itself);
    expect(stillRuns(itself)).toBe(false);
  } finally {
    stranger.kill('SIGKILL');
  }
});
