import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { loginWithAlias } from '../conformance/aliased-initiator.js';
import { describeUnless } from '../conformance/describe-unless.js';
import { Devices, newRequest } from '../conformance/fixture.js';
import { CLIENT, Initiator, initiatorAvailable } from '../conformance/initiator.js';
import type { ConnectionInfo, ExportRequest } from '../export-protocol.js';
import { tgtAvailable } from './tgt-available.js';
import { TgtExport } from './tgt-export.js';
import { DEFAULT_TARGET_PREFIX } from './tgt-options.js';
import { type RunningTgt, startTgt } from './tgt-test-harness.js';

const reason = (await tgtAvailable()) ?? (await initiatorAvailable());

describeUnless(reason, 'a client whose alias imitates tgtd’s list', () => {
  let running: RunningTgt;
  let devices: Devices;
  let forger: ExportRequest;
  let victim: ExportRequest;
  let info: ConnectionInfo;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    [running, devices] = [await startTgt(), await Devices.create()];
    [forger, victim] = [await attachment(0x61), await attachment(0x62)];
    info = await running.protocol.ensure(forger);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await running.destroy();
    await devices.destroy();
  });

  const attachment = async (pattern: number): Promise<ExportRequest> =>
    newRequest(await devices.add(pattern), { initiator: CLIENT });
  const login = async (alias: string): Promise<void> =>
    void sockets.push(await loginWithAlias(info, CLIENT, alias));
  const served = async (): Promise<(string | undefined)[]> =>
    (await running.protocol.list()).map(({ attachmentId }) => attachmentId);

  it('an honest alias is none', async () => {
    await login('worker-7 Target 7: x');
    expect(await served()).toEqual([forger.attachmentId]);
    expect((await running.tgtadm.targets())[0]!.sessions).toHaveLength(1);
    expect(running.troubles).toEqual([]);
  });

  const PREFIX = DEFAULT_TARGET_PREFIX;
  const LINES = '\n            Connection: 0\n                IP Address: 127.0.0.1\n    LUN information:\n';
  for (const [what, alias] of [
    ['a target', 'x\nTarget 7: y'],
    ['an export', `x\nTarget 7: ${PREFIX}${randomUUID()}\n        I_T nexus: 9`],
    ['another tenant’s target', `x\nTarget 2: ${PREFIX}${randomUUID()}\n    I_T nexus information:`],
    ['the end of its own target', `x${LINES}    Account information:\n    ACL information:\nTarget 7: y`],
    ['sessions', 'x\n        I_T nexus: 9\n            Initiator: y alias: z'],
    ['nothing, but is longer than tgtd keeps', 'x'.repeat(2000)],
  ] as const) {
    it(`that imitates ${what} loses its sessions, and keeps nobody else from being served`, async () => {
      const other = await running.protocol.ensure(victim);
      const session = await new Initiator(other).stay();
      try {
        await login(alias);
        await login('x'.repeat(10) + alias);
        expect(await served()).toEqual([forger.attachmentId, victim.attachmentId]);
        expect(running.troubles).toEqual([expect.stringContaining(forger.attachmentId)]);
        const third = await attachment(0x63);
        await new Initiator(await running.protocol.ensure(third)).io('read -P 0x63 0 1M');
        await running.protocol.refreshSize(victim);
        expect(await session.io('read -P 0x62 0 1M')).toMatch(/read 1048576\/1048576 bytes/);
        await running.protocol.remove(victim.attachmentId);
        expect(await served()).toEqual([forger.attachmentId, third.attachmentId]);
      } finally {
        await session.close();
      }
    });
  }

  it('is kept out until its export is made again, and then is a client like others', async () => {
    await login('x\nTarget 7: y');
    expect(await running.protocol.list()).toMatchObject([
      { attachmentId: forger.attachmentId, complete: false },
    ]);
    await expect(login('x')).rejects.toThrow();
    await running.protocol.ensure(forger);
    await login('x');
    expect(await running.protocol.list()).toMatchObject([{ complete: true }]);
  });

  it('that keeps its connection open when it is cut off loses its target', async () => {
    await login('x\nTarget 7: y');
    const cutting = new TgtExport(running.options, {
      commands: {
        run: (program, args, options) =>
          running.commands.run(program, args.includes('conn') ? ignored(args) : args, options),
      },
    });
    expect(await cutting.list()).toEqual([]);
  });

  it('is not suspected when tgtd lists in a form of its own: of many targets, no second one is cut off', async () => {
    await running.protocol.ensure(victim);
    await login('x');
    const changes: string[][] = [];
    const other = new TgtExport(running.options, {
      commands: {
        run: async (program, args, options) => {
          if (!args.includes('show')) changes.push(args);
          const result = await running.commands.run(program, args, options);
          return { ...result, stdout: result.stdout.replaceAll('SWP: ', 'Swapped: ') };
        },
      },
    });
    await expect(other.list()).rejects.toThrow('not of the form');
    await expect(other.list()).rejects.toThrow('not of the form');
    const tids = changes.map((args) => args[args.indexOf('--tid') + 1]);
    expect(new Set(tids)).toEqual(new Set(['1']));
    expect(changes.map((args) => args.includes('target') && args.includes('delete'))).not.toContain(true);
  });

  it('that is a client of another’s target is left to those whose it is, and nothing is changed', async () => {
    const { attachmentId } = victim;
    await running.protocol.ensure(victim);
    await login('x\nTarget 7: y');
    const options = { ...running.options, targetPrefix: 'iqn.2010-10.org.example:' };
    const others = new TgtExport(options, { commands: running.commands });
    await expect(others.list()).rejects.toThrow(forger.attachmentId);
    await expect(others.remove(attachmentId)).rejects.toThrow(forger.attachmentId);
    expect(await running.tgtadm.sessions(1)).toHaveLength(1);
  });
});

/** Shows connections where they were to be cut. */
function ignored(args: string[]): string[] {
  return args.map((arg) => (arg === 'delete' ? 'show' : arg));
}
