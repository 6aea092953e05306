import { readdir, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import type { CommandRunner } from '@scoria/commands';
import { freePort } from '@scoria/testing';
import { generateChap } from '../chap.js';
import { describeUnless } from '../conformance/describe-unless.js';
import { Devices, newRequest } from '../conformance/fixture.js';
import {
  CLIENT,
  Initiator,
  type InitiatorSession,
  initiatorAvailable,
  OTHER_CLIENT,
} from '../conformance/initiator.js';
import { findDaemon } from './daemon-process.js';
import { tgtAvailable } from './tgt-available.js';
import { TgtExport } from './tgt-export.js';
import { eventually, FOREIGN_TARGET, type RunningTgt, startTgt } from './tgt-test-harness.js';

const reason = (await tgtAvailable()) ?? (await initiatorAvailable());

/** Runs `limit` commands that change something, and then fails as a killed service would. */
function cutOffAfter(commands: CommandRunner, limit: number): Pick<CommandRunner, 'run'> {
  let left = limit;
  return {
    run: (program, args, options) => {
      if (!args.includes('show') && left-- <= 0) return Promise.reject(new Error('cut off'));
      return commands.run(program, args, options);
    },
  };
}

/** The first command in this mode ends with exit code 1, and nothing said. */
function failingOnce(commands: CommandRunner, mode: string): Pick<CommandRunner, 'run'> {
  let failed = false;
  return {
    run: (program, args, options) => {
      if (failed || !args.includes(mode)) return commands.run(program, args, options);
      failed = true;
      return commands.run('false', [], options);
    },
  };
}

/** Counts commands that change something. */
function counting(commands: CommandRunner): Pick<CommandRunner, 'run'> & { changes: string[][] } {
  const changes: string[][] = [];
  return {
    changes,
    run: (program, args, options) => {
      if (!args.includes('show')) changes.push(args);
      return commands.run(program, args, options);
    },
  };
}

describeUnless(reason, 'TgtExport', () => {
  let running: RunningTgt;
  let devices: Devices;
  const connector = { initiator: CLIENT };

  beforeEach(async () => {
    [running, devices] = [await startTgt(), await Devices.create()];
  });

  afterEach(async () => {
    await running.destroy();
    await devices.destroy();
  });

  /** A second view on the same daemon, which runs its commands otherwise. */
  function over(commands: Pick<CommandRunner, 'run'>): TgtExport {
    return new TgtExport(running.options, { commands });
  }

  it('an ensure cut off after any command is completed by the next, and opens no door meanwhile', async () => {
    const device = await devices.add(0x31);
    for (let limit = 0; ; limit++) {
      const wanted = newRequest(device, connector);
      const cut = over(cutOffAfter(running.commands, limit));
      const done = await cut.ensure(wanted).then(
        () => true,
        () => false,
      );
      if (!done) {
        const name = running.options.targetPrefix + wanted.attachmentId;
        const data = {
          target_portal: `127.0.0.1:${running.options.portalPort}`,
          target_iqn: name,
          target_lun: 1,
        };
        const guess = new Initiator({ driver_volume_type: 'iscsi', data }, { chap: null });
        await expect(guess.io('read 0 4k')).rejects.toThrow(/Failed to connect to LUN/);
      }
      await new Initiator(await running.protocol.ensure(wanted)).io('read -P 0x31 0 1M');
      expect(running.troubles).toEqual([]);
      if (done) return expect(limit).toBeGreaterThan(5);
    }
  });

  it('new credentials cut off after any command never let anyone in without CHAP', async () => {
    const device = await devices.add(0x32);
    for (let limit = 0; ; limit++) {
      const wanted = newRequest(device, connector);
      const before = await running.protocol.ensure(wanted);
      const changed = { ...wanted, chap: generateChap() };
      const cut = over(cutOffAfter(running.commands, limit));
      const done = await cut.ensure(changed).then(
        () => true,
        () => false,
      );
      await expect(new Initiator(before, { chap: null }).io('read 0 4k')).rejects.toThrow(
        /Failed to connect to LUN/,
      );
      await new Initiator(await running.protocol.ensure(changed)).io('read -P 0x32 0 1M');
      expect(running.troubles).toEqual([]);
      if (done) return expect(limit).toBeGreaterThan(3);
    }
  });

  it('a removal cut off after any command is completed by the next, and opens no door meanwhile', async () => {
    const device = await devices.add();
    for (let limit = 0; ; limit++) {
      const wanted = newRequest(device, connector);
      const info = await running.protocol.ensure(wanted);
      const done = await over(cutOffAfter(running.commands, limit))
        .remove(wanted.attachmentId)
        .then(
          () => true,
          () => false,
        );
      await expect(new Initiator(info, { chap: null }).io('read 0 4k')).rejects.toThrow(
        /Failed to connect to LUN/,
      );
      await running.protocol.remove(wanted.attachmentId);
      expect(await running.protocol.list()).toEqual([]);
      expect(await running.tgtadm.accounts()).toEqual([]);
      expect(running.troubles).toEqual([]);
      if (done) return expect(limit).toBeGreaterThan(1);
    }
  });

  it('an ensure of what is there runs no command that changes anything, whatever the size', async () => {
    const runner = counting(running.commands);
    for (const sizeGib of [1, 3, 5, 777]) {
      const wanted = newRequest(await devices.add(0, sizeGib), connector, { sizeGib });
      await running.protocol.ensure(wanted);
      await over(runner).ensure(wanted);
    }
    expect(runner.changes).toEqual([]);
  });

  it('an ensure made after another party’s change sees that change, however recent the last look', async () => {
    const wanted = newRequest(await devices.add(0x46), connector);
    await running.protocol.ensure(wanted);
    await running.protocol.ensure(wanted);
    await over(running.commands).remove(wanted.attachmentId);
    await new Initiator(await running.protocol.ensure(wanted)).io('read -P 0x46 0 1M');
  });

  it('a reconciler’s hundred ensures of what is there list the targets once, not a hundred times', async () => {
    const wanted = newRequest(await devices.add(), connector);
    await running.protocol.ensure(wanted);
    let commands = 0;
    const other = over({ run: (...args) => (commands++, running.commands.run(...args)) });
    await Promise.all(Array.from({ length: 100 }, () => other.ensure(wanted)));
    // Those that came during the first look share another, or a few where files are slow.
    expect(commands).toBeLessThan(20);
  });

  it('a hundred changes that are asked for together list the targets a few times, and are all made', async () => {
    const device = await devices.add(0x49);
    const wanted = Array.from({ length: 50 }, () => newRequest(device, connector));
    let lists = 0;
    const other = over({
      run: (program, args, options) => {
        if (args.includes('target') && args.includes('show')) lists++;
        return running.commands.run(program, args, options);
      },
    });
    const infos = await Promise.all(wanted.map((each) => other.ensure(each)));
    await Promise.all(wanted.slice(1, 25).map(({ attachmentId }) => other.remove(attachmentId)));
    await Promise.all(wanted.slice(1, 25).map((each) => other.ensure(each)));
    expect(lists).toBeLessThan(20);
    expect((await running.protocol.list()).filter(({ complete }) => complete)).toHaveLength(wanted.length);
    const runner = counting(running.commands);
    for (const each of wanted) await over(runner).ensure(each);
    expect(runner.changes).toEqual([]);
    for (const index of [0, 24, 49]) await new Initiator(infos[index]!).io('read -P 0x49 0 1M');
  });

  it('a removed device is let go of even while a session uses it, so that the driver can delete it', async () => {
    const device = await devices.add();
    const wanted = newRequest(device, connector);
    const session = await new Initiator(await running.protocol.ensure(wanted)).stay();
    try {
      expect(await openFiles(running)).toContain(device);
      await running.protocol.remove(wanted.attachmentId);
      await eventually(async () => !(await openFiles(running)).includes(device));
    } finally {
      await session.close();
    }
  });

  it('another initiator’s open session is cut off when the connector changes', async () => {
    const wanted = newRequest(await devices.add(), connector);
    const session = await new Initiator(await running.protocol.ensure(wanted)).stay();
    try {
      await running.protocol.ensure({ ...wanted, connector: { initiator: OTHER_CLIENT } });
      const sessions = async (): Promise<number> => (await running.tgtadm.targets())[0]!.sessions.length;
      await eventually(async () => (await sessions()) === 0);
    } finally {
      await session.close();
    }
  });

  it('an open session goes on over refreshSize', async () => {
    const wanted = newRequest(await devices.add(0x44), connector);
    const session = await new Initiator(await running.protocol.ensure(wanted)).stay();
    try {
      await running.protocol.refreshSize(wanted);
      expect(await session.io('read -P 0x44 0 1M')).toMatch(/read 1048576\/1048576 bytes/);
    } finally {
      await session.close();
    }
  });

  it('a refresh that was killed half-way leaves a device that ensure brings back', async () => {
    const wanted = newRequest(await devices.add(0x45), connector);
    const client = new Initiator(await running.protocol.ensure(wanted));
    await expect(over(cutOffAfter(running.commands, 1)).refreshSize(wanted)).rejects.toThrow('cut off');
    await expect(client.io('read 0 4k')).rejects.toThrow();
    await running.protocol.ensure(wanted);
    await client.io('read -P 0x45 0 1M');
  });

  it('a refresh that could not open the device is completed by the next', async () => {
    const device = await devices.add(0x47);
    const wanted = newRequest(device, connector);
    const client = new Initiator(await running.protocol.ensure(wanted));
    const away = over({
      run: async (program, args, options) => {
        const reopens = args.some((arg) => arg.startsWith('path='));
        if (reopens) await rename(device, `${device}.away`);
        try {
          return await running.commands.run(program, args, options);
        } finally {
          if (reopens) await rename(`${device}.away`, device);
        }
      },
    });
    await expect(away.refreshSize(wanted)).rejects.toMatchObject({ kind: 'internal' });
    await expect(client.io('read 0 4k')).rejects.toThrow();
    await running.protocol.refreshSize(wanted);
    await client.io('read -P 0x47 0 1M');
  });

  it('volumes have world-wide names of their own, and the exports of one volume the same', async () => {
    const device = await devices.add();
    const one = newRequest(device, connector);
    const again = newRequest(device, connector, { volumeId: one.volumeId });
    const other = newRequest(await devices.add(), connector);
    for (const each of [one, again, other]) await running.protocol.ensure(each);
    const ids = (await running.tgtadm.targets()).map((target) => target.luns.at(-1)!.scsiId);
    expect(ids).toEqual([one.volumeId, one.volumeId, other.volumeId]);
  });

  it('discards free the file’s blocks', async () => {
    const device = await devices.add(0x55);
    const info = await running.protocol.ensure(newRequest(device, connector));
    expect(info.data['discard']).toBe(true);
    await new Initiator(info).io('write -P 0x55 0 16M', 'flush');
    const before = (await stat(device)).blocks;
    await new Initiator(info).io('discard 0 16M', 'read -P 0 0 16M');
    expect((await stat(device)).blocks).toBeLessThan(before);
  });

  it('discards take nothing from a file that owns its space, also when it was served otherwise before', async () => {
    const path = await devices.add(0x55);
    const before = (await stat(path)).blocks;
    const wanted = newRequest(path, connector);
    await running.protocol.ensure(wanted);
    const info = await running.protocol.ensure({ ...wanted, device: { path, discard: false } });
    expect(info.data['discard']).toBe(false);
    await new Initiator(info).io('discard 0 1M', 'read -P 0x55 0 1M');
    expect((await stat(path)).blocks).toBe(before);
  });

  it('a device that is smaller than the volume by 1 GiB is the wrong one', async () => {
    const wanted = newRequest(await devices.add(0, 1), connector, { sizeGib: 2 });
    await expect(running.protocol.ensure(wanted)).rejects.toMatchObject({ kind: 'internal' });
    expect(await running.protocol.list()).toEqual([]);
  });

  it('one user name on two attachments is refused and takes nothing from the first', async () => {
    const first = newRequest(await devices.add(), connector);
    const info = await running.protocol.ensure(first);
    const second = newRequest(await devices.add(), connector, { chap: first.chap });
    await expect(running.protocol.ensure(second)).rejects.toThrow('another target');
    await expect(new Initiator(info, { chap: null }).io('read 0 4k')).rejects.toThrow(/Authentication/);
    await new Initiator(info).io('read 0 4k');
  });

  it('no error holds the password', async () => {
    const wanted = newRequest(await devices.add(), connector);
    await running.tgtadm.run({
      args: [
        '--mode',
        'account',
        '--op',
        'new',
        '--user',
        wanted.chap.username,
        '--password',
        'another-password',
      ],
    });
    const failing = over({
      run: (program, args, options) =>
        running.commands.run(
          args.includes('--password') ? 'tgtd-that-is-not-installed' : program,
          args,
          options,
        ),
    });
    const error: unknown = await failing.ensure(wanted).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: 'internal' });
    expect(everythingIn(error)).not.toContain(wanted.chap.password);
  });

  it('accounts left by a cut-off ensure are swept when the service starts', async () => {
    const kept = newRequest(await devices.add(), connector);
    await running.protocol.ensure(kept);
    await over(cutOffAfter(running.commands, 2))
      .ensure(newRequest(await devices.add(), connector))
      .catch(() => undefined);
    expect(await running.tgtadm.accounts()).toHaveLength(2);
    running.protocol = (await running.restartService()) as TgtExport;
    expect(await running.tgtadm.accounts()).toEqual([kept.chap.username]);
  });

  it('a daemon that is gone is said to be unavailable', async () => {
    // Nobody starts it again meanwhile.
    await running.protocol.close();
    process.kill(running.protocol.daemonProcessId!, 'SIGKILL');
    await eventually(async () => (await findDaemon(join(running.options.stateDir, 'tgtd'))) === undefined);
    await expect(running.protocol.list()).rejects.toMatchObject({ kind: 'unavailable', retryAfter: 2 });
  });

  it('a daemon that is gone is back soon', async () => {
    process.kill(running.protocol.daemonProcessId!, 'SIGKILL');
    await eventually(() => running.restarts() === 2);
    expect(await running.protocol.list()).toEqual([]);
    expect(running.troubles).toEqual([expect.stringContaining('died')]);
  });

  it('two services over one directory share one daemon', async () => {
    const second = over(running.commands);
    await second.setup();
    expect(second.daemonProcessId).toBe(running.protocol.daemonProcessId);
    expect(running.restarts()).toBe(1);
    const killed = running.protocol.daemonProcessId!;
    process.kill(killed, 'SIGKILL');
    const both = (): (number | undefined)[] => [second.daemonProcessId, running.protocol.daemonProcessId];
    await eventually(() => both().every((pid) => pid !== undefined && pid !== killed));
    await eventually(() => new Set(both()).size === 1);
    await second.close();
  });

  it('a daemon that could not be asked once when the service starts lives on', async () => {
    const wanted = newRequest(await devices.add(0x48), connector);
    const session = await new Initiator(await running.protocol.ensure(wanted)).stay();
    const before = running.protocol.daemonProcessId;
    await running.protocol.close();
    const next = over(failingOnce(running.commands, 'portal'));
    try {
      await expect(next.setup()).rejects.toThrow('exited with 1');
      await next.setup();
      expect(next.daemonProcessId).toBe(before);
      expect(await session.io('read -P 0x48 0 1M')).toMatch(/read 1048576\/1048576 bytes/);
    } finally {
      await next.close();
      await session.close();
    }
  });

  it('a daemon that nobody can command any more is ended when the service starts', async () => {
    const before = running.protocol.daemonProcessId;
    await running.protocol.close();
    await rm(join(running.options.stateDir, 'tgtd.1'));
    running.protocol = over(running.commands);
    await running.protocol.setup();
    expect(running.protocol.daemonProcessId).not.toBe(before);
    expect(await running.protocol.list()).toEqual([]);
  });

  it('a daemon that hangs at one start after the other is ended at last', async () => {
    const hung = running.protocol.daemonProcessId!;
    await running.protocol.close();
    process.kill(hung, 'SIGSTOP');
    let impatient = 3;
    const commands: Pick<CommandRunner, 'run'> = {
      run: (program, args, options) =>
        running.commands.run(program, args, impatient-- > 0 ? { ...options, timeoutMs: 300 } : options),
    };
    running.protocol = over(commands);
    for (const _ of ['first', 'second'])
      await expect(running.protocol.setup()).rejects.toMatchObject({ timedOut: true });
    await running.protocol.setup();
    expect(running.protocol.daemonProcessId).not.toBe(hung);
    expect(await running.protocol.list()).toEqual([]);
  });

  it('who came in after the targets were read is sent away when its place is another’s', async () => {
    const device = await devices.add(0x49);
    const first = newRequest(device, connector);
    const info = await running.protocol.ensure(first);
    let session: InitiatorSession | undefined;
    const commands: Pick<CommandRunner, 'run'> = {
      run: async (program, args, options) => {
        const result = await running.commands.run(program, args, options);
        const isList = args.includes('target') && args.includes('show');
        if (isList) session ??= await new Initiator(info).stay();
        return result;
      },
    };
    try {
      await over(commands).ensure({ ...first, connector: { initiator: OTHER_CLIENT } });
      const [target] = await running.tgtadm.targets();
      expect(target).toMatchObject({ acl: [OTHER_CLIENT], sessions: [] });
    } finally {
      await session?.close();
    }
  });

  it('a setup that was tried again starts a dead daemon once', async () => {
    await running.protocol.close();
    let restarts = 0;
    let failures = 5;
    const commands: Pick<CommandRunner, 'run'> = {
      run: (program, args, options) =>
        args.includes('account') && failures-- > 0
          ? Promise.reject(new Error('cut off'))
          : running.commands.run(program, args, options),
    };
    running.protocol = new TgtExport(running.options, { commands, onRestart: () => restarts++ });
    const { protocol } = running;
    while (failures > 0) await expect(protocol.setup()).rejects.toThrow('cut off');
    await protocol.setup();
    for (let kills = 1; kills <= 5; kills++) {
      const killed = protocol.daemonProcessId!;
      process.kill(killed, 'SIGKILL');
      await eventually(() => restarts >= kills && protocol.daemonProcessId !== killed);
      expect(restarts).toBe(kills);
    }
  });

  it('stopDaemon ends our exports and the daemon', async () => {
    await running.protocol.ensure(newRequest(await devices.add(), connector));
    await running.protocol.stopDaemon();
    expect(await findDaemon(join(running.options.stateDir, 'tgtd'))).toBeUndefined();
  });

  it('stopDaemon leaves a daemon that serves others alone', async () => {
    await running.serveForeign();
    await expect(running.protocol.stopDaemon()).rejects.toThrow();
    expect((await running.tgtadm.targets()).map((target) => target.name)).toEqual([FOREIGN_TARGET]);
  });
});

describeUnless(reason, 'the daemon’s portal', () => {
  it('a taken port is an error, and no daemon is left that listens elsewhere', async () => {
    const port = await freePort();
    const squatter = await listen(port);
    const running = await startTgt();
    const options = { ...running.options, portalPort: port, stateDir: `${running.options.stateDir}/second` };
    try {
      const second = new TgtExport(options, { commands: running.commands });
      await expect(second.setup()).rejects.toThrow(`instead of 127.0.0.1:${port}`);
      await eventually(async () => (await findDaemon(join(options.stateDir, 'tgtd'))) === undefined);
    } finally {
      squatter.close();
      await running.destroy();
    }
  });

  it('a daemon of an earlier run that listens elsewhere is refused, not moved', async () => {
    const running = await startTgt();
    try {
      const moved = { ...running.options, portalPort: await freePort() };
      const second = new TgtExport(moved, { commands: running.commands });
      await expect(second.setup()).rejects.toThrow('instead of');
      expect(await running.protocol.list()).toEqual([]);
    } finally {
      await running.destroy();
    }
  });

  it('a log that grew is cut', async () => {
    const running = await startTgt();
    try {
      const log = join(running.options.stateDir, 'tgtd.log');
      await writeFile(log, Buffer.alloc(2 * 1024 * 1024, 0x2e), { flag: 'a' });
      await eventually(async () => (await stat(log)).size < 1024 * 1024);
    } finally {
      await running.destroy();
    }
  });
});

async function listen(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

async function openFiles(running: RunningTgt): Promise<string[]> {
  const directory = `/proc/${running.protocol.daemonProcessId}/fd`;
  const links = await readdir(directory);
  return Promise.all(links.map((link) => readlink(join(directory, link)).catch(() => '')));
}

/** Every text that an error and its causes hold. */
function everythingIn(error: unknown): string {
  const parts: string[] = [];
  for (let each = error; each instanceof Error; each = each.cause) {
    parts.push(each.message, each.stack ?? '', JSON.stringify(Object.entries(each)));
  }
  return parts.join('\n');
}
