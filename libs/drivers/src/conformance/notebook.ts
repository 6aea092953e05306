import type { Checkpoint, Checkpoints } from '@scoria/domain';

/** Checkpoints of one call and of the calls that go on with it, as an operation's row keeps them. */
export class Notebook implements Checkpoints {
  readonly due = true;
  last: Checkpoint | undefined;

  /** @param onSaved told after each */
  constructor(private readonly onSaved: () => void = () => undefined) {}

  async save(checkpoint: Checkpoint): Promise<void> {
    this.last = JSON.parse(JSON.stringify(checkpoint)) as Checkpoint;
    this.onSaved();
  }
}
