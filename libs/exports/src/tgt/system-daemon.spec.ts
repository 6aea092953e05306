import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { CommandRunner } from '@scoria/commands';
import { freePort } from '@scoria/testing';
import { describeUnless } from '../conformance/describe-unless.js';
import { Devices, newRequest } from '../conformance/fixture.js';
import { CLIENT, Initiator, initiatorAvailable } from '../conformance/initiator.js';
import { tgtAvailable } from './tgt-available.js';
import { TgtExport } from './tgt-export.js';
import { DEFAULT_TARGET_PREFIX } from './tgt-options.js';
import { eventually } from './tgt-test-harness.js';

const notRoot = process.getuid?.() === 0 ? undefined : 'only root may use the machine’s tgtd socket';
const reason = (await tgtAvailable()) ?? (await initiatorAvailable()) ?? notRoot;

describeUnless(reason, 'TgtExport over a tgtd of the machine', () => {
  it('serves through it, notices that it was started anew, and does not end it', async () => {
    await mkdir('/var/run/tgtd', { recursive: true });
    // One of 20,000, so that runs side by side do not meet.
    const [portalPort, controlPort] = [await freePort(), randomInt(10_000, 30_000)];
    const portal = `127.0.0.1:${portalPort}`;
    const start = (): ChildProcess =>
      spawn('tgtd', ['-f', '-C', String(controlPort), '--iscsi', `portal=${portal}`], {
        stdio: 'ignore',
        env: { PATH: '/usr/sbin:/sbin' },
      });
    let daemon = start();
    const devices = await Devices.create();
    let restarts = 0;
    const protocol = new TgtExport(
      {
        portalAddress: '127.0.0.1',
        portalPort,
        controlPort,
        stateDir: devices.directory,
        targetPrefix: DEFAULT_TARGET_PREFIX,
        startDaemon: false,
      },
      { commands: new CommandRunner({ owner: 'exports-test' }), onRestart: () => restarts++ },
    );
    try {
      const ready = (): Promise<boolean> =>
        protocol.setup().then(
          () => true,
          () => false,
        );
      await eventually(ready);
      const wanted = newRequest(await devices.add(0x12), { initiator: CLIENT });
      await new Initiator(await protocol.ensure(wanted)).io('read -P 0x12 0 1M');
      // The next one finds the control socket locked as long as this one lives.
      await killed(daemon);
      daemon = start();
      await eventually(() => restarts === 1);
      await new Initiator(await protocol.ensure(wanted)).io('read -P 0x12 0 1M');
      await expect(protocol.stopDaemon()).rejects.toThrow('not ours');
      expect(await protocol.list()).toHaveLength(1);
    } finally {
      await protocol.close();
      await killed(daemon);
      await devices.destroy();
      for (const end of ['', '.lock']) await rm(`/var/run/tgtd/socket.${controlPort}${end}`, { force: true });
    }
  });
});

async function killed(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGKILL');
  await gone;
}
