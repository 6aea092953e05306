import { join } from 'node:path';
import { CommandError, type CommandRunner } from '@scoria/commands';
import { Fault, isUuid } from '@scoria/domain';
import { checkAttachmentId } from '../attachment-id.js';
import { type Connector, requireInitiator } from '../connector.js';
import type {
  Chap,
  ConnectionInfo,
  ExportOptions,
  ExportProtocol,
  ExportRequest,
  RefreshRequest,
  ServedExport,
} from '../export-protocol.js';
import { ExportsAway } from '../exports-away.js';
import { SerialQueue } from '../serial-queue.js';
import { inspectDevice } from './backing-device.js';
import { describeServed, isOpenTo } from './served-target.js';
import { type Plan, planRemoval, planTarget } from './target-plan.js';
import * as tgt from './tgt-commands.js';
import { SystemDaemon } from './system-daemon.js';
import { socketBaseIn } from './end-tgt-daemon.js';
import { TgtDaemon } from './tgt-daemon.js';
import { checkTgtOptions, portalOf, type TgtExportOptions } from './tgt-options.js';
import { TargetReader } from './target-reader.js';
import { TargetView } from './target-view.js';
import type { TgtTarget } from './tgt-targets.js';
import { isNoDaemon, Tgtadm } from './tgtadm.js';

export interface TgtExportDependencies {
  commands: Pick<CommandRunner, 'run'>;
  /** The daemon started and serves nothing: exports must be made again. Must not throw. */
  onRestart?: () => void;
  /** Something for the operator's log. */
  onTrouble?: (message: string, cause?: unknown) => void;
}

/** Seconds after which a caller may find the daemon back. */
const RETRY_AFTER_S = 2;
const NOTHING: Plan = { commands: [] };
/** What tgtadm's arguments take: no comma, which would end the value. Passwords of 12 to 255, as RFC 3720 wants. */
const CHAP_USERNAME = /^[A-Za-z0-9._-]{1,64}$/;
const CHAP_PASSWORD = /^[A-Za-z0-9._-]{12,255}$/;

/**
 * iSCSI through tgt, in user space. One target per attachment, whose name carries the attachment's id; one LUN;
 * CHAP and the initiator's name both required. tgtd is the only memory of what is served.
 */
export class TgtExport implements ExportProtocol {
  readonly storageProtocol = ['iSCSI', 'iscsi'];
  private readonly options: TgtExportOptions;
  private readonly tgtadm: Tgtadm;
  private readonly daemon: TgtDaemon | SystemDaemon;
  private readonly view: TargetView;
  /** One at a time: a plan is made from what tgtd shows, and target numbers are ours to choose. */
  private readonly queue = new SerialQueue();

  constructor(options: TgtExportOptions, dependencies: TgtExportDependencies) {
    this.options = checkTgtOptions(options);
    const { commands, onRestart = () => undefined, onTrouble = () => undefined } = dependencies;
    const { controlPort, stateDir, startDaemon } = options;
    const socketBase = socketBaseIn(stateDir);
    const common = { controlPort, portal: portalOf(options), onRestart, onTrouble };
    this.tgtadm = new Tgtadm(commands, { controlPort, ...(startDaemon ? { socketBase } : {}) });
    const isOurs = (name: string): boolean => this.attachmentOf(name) !== undefined;
    this.view = new TargetView(new TargetReader(this.tgtadm, { isOurs, onTrouble }));
    this.daemon = startDaemon
      ? new TgtDaemon(this.tgtadm, { ...common, socketBase, logFile: join(stateDir, 'tgtd.log') })
      : new SystemDaemon(this.tgtadm, common);
  }

  async setup(): Promise<void> {
    await this.daemon.start();
    // In a tgtd that is not ours alone, an account that no target uses may be anyone's.
    if (this.options.startDaemon) await this.queue.run(() => this.sweepAccounts());
    // Last, since a setup that failed is tried again: each watch would start a daemon of its own.
    this.daemon.startWatch();
  }

  validateConnector(connector: Connector): void {
    requireInitiator(connector);
  }

  async ensure(request: ExportRequest, { signal }: ExportOptions = {}): Promise<ConnectionInfo> {
    const initiator = requireInitiator(request.connector);
    checkChap(request.chap);
    const name = this.targetName(request.attachmentId);
    const { chap, volumeId } = request;
    const found = await inspectDevice(request.device.path, request.sizeGib);
    const device = { ...found, discard: found.discard && request.device.discard };
    await this.change(signal, async (known) => {
      // Whom it was open to may have come in since: whoever is in has to be known, to be sent away.
      const isStale = known.some((each) => each.name === name && !isOpenTo(each, initiator));
      const targets = isStale ? await this.view.read(performance.now()) : known;
      const target = targets.find((each) => each.name === name);
      const accounts = target?.accounts.includes(chap.username) ? [] : await this.tgtadm.accounts();
      const readOnly = request.mode === 'ro';
      return planTarget({ targets, accounts }, { name, device, readOnly, initiator, chap, volumeId });
    });
    return this.connectionInfo(request, name, device.discard);
  }

  async remove(attachmentId: string, { signal }: ExportOptions = {}): Promise<void> {
    const name = this.targetName(attachmentId);
    await this.change(signal, (targets) => {
      const target = targets.find((each) => each.name === name);
      return target ? planRemoval(targets, target) : NOTHING;
    });
  }

  async refreshSize(request: RefreshRequest, { signal }: ExportOptions = {}): Promise<void> {
    const name = this.targetName(request.attachmentId);
    // Not the path that tgtd has: it forgets that when it cannot open it.
    const { path } = await inspectDevice(request.device.path, request.sizeGib);
    await this.change(signal, (targets) => {
      const target = targets.find((each) => each.name === name);
      const isMade = target?.luns.some(({ lun }) => lun === tgt.VOLUME_LUN);
      return target && isMade ? { commands: tgt.reopenLun(target.tid, path) } : NOTHING;
    });
  }

  async list({ signal }: ExportOptions = {}): Promise<ServedExport[]> {
    const asked = performance.now();
    const targets = await this.queue.run(() => this.guarded(signal, () => this.view.read(asked)), signal);
    return targets.map((target) => ({
      attachmentId: this.attachmentOf(target.name),
      ...describeServed(target),
    }));
  }

  async close(): Promise<void> {
    await this.daemon.release();
    await this.queue.drained();
  }

  /** Ends our own exports and our own tgtd. For a back end that goes away; a restart of the service needs it not. */
  async stopDaemon(): Promise<void> {
    if (!(this.daemon instanceof TgtDaemon))
      throw new Error('the tgtd that serves the exports is not ours to stop');
    for (const { attachmentId } of await this.list()) if (attachmentId) await this.remove(attachmentId);
    await this.daemon.stop();
  }

  /** The pid of our own tgtd. */
  get daemonProcessId(): number | undefined {
    return this.daemon instanceof TgtDaemon ? this.daemon.processId : undefined;
  }

  private targetName(attachmentId: string): string {
    return this.options.targetPrefix + checkAttachmentId(attachmentId);
  }

  private attachmentOf(name: string): string | undefined {
    const { targetPrefix } = this.options;
    const id = name.startsWith(targetPrefix) ? name.slice(targetPrefix.length) : '';
    return isUuid(id) ? id : undefined;
  }

  /**
   * Plans and runs in one turn of the queue. The commands do not listen to the signal: cut off between two of them, a
   * LUN that is in use could be left offline.
   */
  private change(
    signal: AbortSignal | undefined,
    plan: (targets: TgtTarget[]) => Plan | Promise<Plan>,
  ): Promise<void> {
    const asked = performance.now();
    return this.queue.run(
      () =>
        this.guarded(signal, async () => {
          try {
            const { commands, after } = await plan(await this.view.read(asked));
            for (const command of commands) await this.tgtadm.run(command);
            if (after) this.view.becomes(after);
            else if (commands.length > 0) this.view.forget();
          } catch (error) {
            // What was read need not be so any more.
            this.view.forget();
            throw error;
          }
        }),
      signal,
    );
  }

  private async guarded<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      signal?.throwIfAborted();
      if (isNoDaemon(cause))
        throw new ExportsAway('The iSCSI target daemon is not running.', RETRY_AFTER_S, cause);
      if (cause instanceof CommandError)
        throw new Fault('internal', 'The iSCSI target daemon refused.', { cause });
      throw cause;
    }
  }

  /** Accounts of our own daemon that no target uses: what an `ensure` that was cut off left. */
  private async sweepAccounts(): Promise<void> {
    const used = new Set((await this.view.read(performance.now())).flatMap((target) => target.accounts));
    for (const username of await this.tgtadm.accounts()) {
      if (!used.has(username)) await this.tgtadm.run(tgt.deleteAccount(username));
    }
  }

  private connectionInfo(request: ExportRequest, name: string, discard: boolean): ConnectionInfo {
    const portal = portalOf(this.options);
    const several = { target_portals: [portal], target_iqns: [name], target_luns: [tgt.VOLUME_LUN] };
    return {
      driver_volume_type: 'iscsi',
      data: {
        target_discovered: false,
        target_portal: portal,
        target_iqn: name,
        target_lun: tgt.VOLUME_LUN,
        ...(request.connector.multipath === true ? several : {}),
        volume_id: request.volumeId,
        auth_method: 'CHAP',
        auth_username: request.chap.username,
        auth_password: request.chap.password,
        access_mode: request.mode,
        discard,
      },
    };
  }
}

function checkChap({ username, password }: Chap): void {
  if (!CHAP_USERNAME.test(username)) throw new Error('the CHAP user name holds what tgtadm cannot take');
  if (!CHAP_PASSWORD.test(password)) throw new Error('the CHAP password holds what tgtadm cannot take');
}
