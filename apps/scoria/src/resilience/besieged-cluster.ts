import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, tempDir } from '@scoria/testing';
import { runCluster } from '../cluster/cluster-command.js';
import { MEMBERS, isServer, memberOf } from '../cluster/layout.js';
import { killProcess, launchService, startMember, untilReady } from '../cluster/processes.js';
import { readState, writeState, type ClusterState } from '../cluster/state.js';

/** Members that may be killed at any moment. */
export const SERVICES = MEMBERS.filter((member) => !isServer(member)).map(({ name }) => name);

/** Ports from the first member's to the last target daemon's. */
const PORTS = 22;

/** The distributed shape in a directory of its own, made to be killed piece by piece. */
export class BesiegedCluster implements AsyncDisposable {
  private constructor(readonly state: ClusterState) {}

  static async open(): Promise<BesiegedCluster> {
    const data = tempDir('kill');
    await mkdir(join(data, 'images'));
    const basePort = await freePort(PORTS);
    try {
      await runCluster('up', undefined, { data, basePort });
    } catch (error) {
      await runCluster('down', undefined, { data, basePort });
      throw error;
    }
    return new BesiegedCluster((await readState(data))!);
  }

  get dataDir(): string {
    return this.state.dataDir;
  }

  /** SIGKILL, then a new process, whose readiness is not waited for. */
  async replace(name: string): Promise<void> {
    const { processes } = this.state;
    await killProcess(processes[name]!);
    processes[name] = await launchService(this.state, memberOf(name));
  }

  /** SIGKILL of the broker, which then starts again on what it had stored. */
  async replaceBroker(): Promise<void> {
    const { processes } = this.state;
    await killProcess(processes['rabbit']!);
    processes['rabbit'] = await startMember(this.state, memberOf('rabbit'));
  }

  /** Resolves when every service says that it is ready. */
  async whole(): Promise<void> {
    await Promise.all(SERVICES.map((name) => untilReady(this.state.processes[name]!)));
  }

  /** Ids of the attachments that a host serves over iSCSI. */
  async served(host: string): Promise<string[]> {
    const show = ['-C', '1', '--lld', 'iscsi', '--mode', 'target', '--op', 'show'];
    const env = { ...process.env, TGT_IPC_SOCKET: join(this.dataDir, host, 'iscsi', 'tgtd') };
    const { stdout } = await promisify(execFile)('tgtadm', show, { env });
    return [...stdout.matchAll(/Target \d+: iqn\S*:([0-9a-f-]{36})/g)].map(([, id]) => id!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await writeState(this.state);
    await runCluster('down', undefined, { data: this.dataDir, basePort: this.state.basePort });
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}
