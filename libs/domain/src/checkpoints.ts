/** How far a step has come, as small JSON; what it says is whoever's who wrote it. */
export type Checkpoint = Readonly<Record<string, unknown>>;

/**
 * Where a step that takes long keeps how far it has come, so that the next run of the same step goes on from there. A
 * checkpoint is a hint about bytes that lie elsewhere: whoever goes on from one makes sure that they are still there.
 */
export interface Checkpoints {
  /** What an interrupted run of this step saved last. */
  readonly last: Checkpoint | undefined;
  /** Whether enough time has passed since the last one that another is worth its price. */
  readonly due: boolean;
  /** Call it when what the checkpoint says is on stable storage, not before. */
  save(checkpoint: Checkpoint): Promise<void>;
}
