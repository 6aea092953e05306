import { mayTakeSlot } from '@scoria/domain';

/** A number of slots that projects share: none takes more of them than `mayTakeSlot` lets it. */
export class ProjectSlots {
  private readonly held = new Map<string, number>();
  private taken = 0;

  constructor(
    private readonly slots: number,
    private readonly share: number,
  ) {}

  /** Takes a slot, to be given back with `leave`; or says whether none is left, or none for this project. */
  take(projectId: string): 'taken' | 'full' | 'beyond share' {
    const held = this.held.get(projectId) ?? 0;
    const free = this.slots - this.taken;
    if (free <= 0) return 'full';
    if (!mayTakeSlot(held, free, this.share)) return 'beyond share';
    this.held.set(projectId, held + 1);
    this.taken++;
    return 'taken';
  }

  leave(projectId: string): void {
    const held = this.held.get(projectId)! - 1;
    if (held > 0) this.held.set(projectId, held);
    else this.held.delete(projectId);
    this.taken--;
  }
}
