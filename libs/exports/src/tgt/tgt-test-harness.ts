import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandRunner } from '@scoria/commands';
import { freePort } from '@scoria/testing';
import type { RunningExport } from '../conformance/export-harness.js';
import { killProcess } from './daemon-process.js';
import { newTarget } from './tgt-commands.js';
import { TgtExport, type TgtExportDependencies } from './tgt-export.js';
import { DEFAULT_TARGET_PREFIX, type TgtExportOptions } from './tgt-options.js';
import { Tgtadm } from './tgtadm.js';

export const FOREIGN_TARGET = 'iqn.2010-10.org.example:volume-of-another';

/** A `TgtExport` with a tgtd of its own, in a directory and on a port of its own. */
export interface RunningTgt extends RunningExport {
  protocol: TgtExport;
  options: TgtExportOptions;
  tgtadm: Tgtadm;
  commands: CommandRunner;
  /** How many times the daemon was said to be empty. */
  restarts(): number;
  /** What the operator was told. */
  troubles: string[];
}

export async function startTgt(): Promise<RunningTgt> {
  const options: TgtExportOptions = {
    portalAddress: '127.0.0.1',
    portalPort: await freePort(),
    controlPort: 1,
    stateDir: await mkdtemp(join(tmpdir(), 'scoria-tgt-')),
    targetPrefix: DEFAULT_TARGET_PREFIX,
    startDaemon: true,
  };
  const commands = new CommandRunner({ owner: 'exports-test' });
  let restarts = 0;
  const troubles: string[] = [];
  const dependencies: TgtExportDependencies = {
    commands,
    onRestart: () => restarts++,
    onTrouble: (message) => troubles.push(message),
  };
  const protocol = new TgtExport(options, dependencies);
  await protocol.setup();
  const tgtadm = new Tgtadm(commands, { controlPort: 1, socketBase: join(options.stateDir, 'tgtd') });
  const running: RunningTgt = {
    protocol,
    options,
    tgtadm,
    commands,
    troubles,
    restarts: () => restarts,
    connector: (initiator) => ({ initiator, host: 'client', multipath: false }),
    restartService: async () => {
      // A killed service would not even do this; here its watch must not go on beside the next one's.
      await running.protocol.close();
      const next = new TgtExport(options, dependencies);
      await next.setup();
      return next;
    },
    serveForeign: async () => {
      await tgtadm.run(newTarget(4000, FOREIGN_TARGET));
      return FOREIGN_TARGET;
    },
    killDaemon: async () => {
      const before = restarts;
      killProcess(running.protocol.daemonProcessId!);
      await eventually(() => restarts > before);
    },
    destroy: async () => {
      await running.protocol.close();
      const pid = running.protocol.daemonProcessId;
      if (pid !== undefined) killProcess(pid);
      await rm(options.stateDir, { recursive: true, force: true });
    },
  };
  return running;
}

/** Waits for a condition; the test's own time limit is the limit. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
