import { mayTakeSlot } from '@scoria/domain';

/** No slot is left, or none for this project. */
export type NoSlot = 'full' | 'beyond share';

/** A number of slots that projects share: none takes more of them than `mayTakeSlot` lets it. */
export class ProjectSlots {
  private readonly held = new Map<string, number>();
  private taken = 0;

  constructor(
    private readonly slots: number,
    private readonly share: number,
  ) {}

  /** Takes a slot, to be given back with `leave`; or takes none and says why. */
  take(projectId: string): 'taken' | NoSlot {
    const none = this.lacks(projectId);
    if (none) return none;
    this.held.set(projectId, (this.held.get(projectId) ?? 0) + 1);
    this.taken++;
    return 'taken';
  }

  /** Why the project would get no slot now; undefined when it would. */
  lacks(projectId: string): NoSlot | undefined {
    const free = this.slots - this.taken;
    if (free <= 0) return 'full';
    return mayTakeSlot(this.held.get(projectId) ?? 0, free, this.share) ? undefined : 'beyond share';
  }

  leave(projectId: string): void {
    const held = this.held.get(projectId)! - 1;
    if (held > 0) this.held.set(projectId, held);
    else this.held.delete(projectId);
    this.taken--;
  }
}
