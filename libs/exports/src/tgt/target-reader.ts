import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '@scoria/commands';
import * as tgt from './tgt-commands.js';
import { type TgtTarget, UnreadableTargetError } from './tgt-targets.js';
import type { Tgtadm } from './tgtadm.js';

export interface TargetReaderOptions {
  /** Whether a target of that name is one of ours, whose clients may be cut off. */
  isOurs: (name: string) => boolean;
  onTrouble: (message: string) => void;
}

/** tgtd closes a connection in the next turn of its loop, unless the client takes no data. */
const PATIENCE = 10;
const PAUSE_MS = 20;

/**
 * Reads what tgtd serves, whatever clients do. One whose session imitates tgtd's list loses its sessions and its way in;
 * the next `ensure` lets it in again. It costs nobody else anything but the time of this.
 *
 * Must not run beside anything that changes targets, since a target is named by a number here.
 */
export class TargetReader {
  constructor(
    private readonly tgtadm: Tgtadm,
    private readonly options: TargetReaderOptions,
  ) {}

  /** @throws UnreadableTargetError for a target that is not ours, or has no session that could be the reason */
  async read(): Promise<TgtTarget[]> {
    const tries = new Map<number, number>();
    for (;;) {
      try {
        return await this.tgtadm.targets();
      } catch (error) {
        if (!(error instanceof UnreadableTargetError) || !this.options.isOurs(error.targetName)) throw error;
        const before = tries.get(error.tid) ?? 0;
        tries.set(error.tid, before + 1);
        await this.expel(error, before);
      }
    }
  }

  /** Cut off rather than ended at first: a target of an unknown form is so without sessions, too, and then it stays. */
  private async expel(target: UnreadableTargetError, before: number): Promise<void> {
    const { tid, targetName } = target;
    const sessions = await this.tgtadm.sessions(tid);
    // It may have left by itself.
    if (sessions.length === 0 && before === 0) return;
    if (sessions.length === 0 || before > PATIENCE) throw target;
    if (before === PATIENCE) return void (await this.tgtadm.run(tgt.deleteTarget(tid)));
    if (before === 0) {
      this.options.onTrouble(`a session of target ${targetName} imitates tgtd’s list, and is cut off`);
      for (const initiator of new Set(sessions.map((session) => session.initiator)))
        await this.tryTo(tgt.forbid(tid, initiator));
    } else await sleep(PAUSE_MS);
    for (const command of sessions.flatMap((session) => tgt.cutSession(tid, session)))
      await this.tryTo(command);
  }

  /** It may be gone by itself. */
  private async tryTo(command: tgt.TgtCommand): Promise<void> {
    await this.tgtadm.run(command).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
    });
  }
}
