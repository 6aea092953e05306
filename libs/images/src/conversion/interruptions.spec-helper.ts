import { CommandRunner, type CommandOptions, type CommandResult } from '@scoria/commands';
import type { Checkpoint, Checkpoints } from '@scoria/domain';

/** One run of a step, cut short after a number of checkpoints. What it saved is what the next one finds. */
export class CutRun implements Checkpoints {
  readonly due = true;
  readonly saved: Checkpoint[] = [];
  private readonly abort = new AbortController();

  /** @param cutAfter checkpoints; 0 lets the run come to its end */
  constructor(
    readonly last: Checkpoint | undefined,
    private readonly cutAfter: number,
  ) {}

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get wasCut(): boolean {
    return this.abort.signal.aborted;
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    this.saved.push(JSON.parse(JSON.stringify(checkpoint)) as Checkpoint);
    if (this.saved.length === this.cutAfter) this.abort.abort(new Error('the service is stopped'));
  }
}

/**
 * Runs `step` again and again, each time cut short after its `each`th checkpoint, until it ends.
 *
 * @returns how often it was cut short
 */
export async function cutAgainAndAgain(each: number, step: (run: CutRun) => Promise<void>): Promise<number> {
  let last: Checkpoint | undefined;
  for (let cuts = 0; ; cuts++) {
    const run = new CutRun(last, each);
    try {
      await step(run);
      return cuts;
    } catch (error) {
      if (!run.wasCut) throw error;
    }
    last = run.saved.at(-1);
  }
}

/** Remembers the windows that were copied, as `offset+size` in bytes. */
export class WatchedCommands extends CommandRunner {
  windows: [offset: number, size: number][] = [];

  override run(program: string, args: string[], options: CommandOptions): Promise<CommandResult> {
    const window = /^driver=raw,offset=(\d+),size=(\d+),/.exec(args.at(-1) ?? '');
    if (window) this.windows.push([Number(window[1]), Number(window[2])]);
    return super.run(program, args, options);
  }

  /** Bytes of the windows. */
  get copied(): number {
    return this.windows.reduce((sum, [, size]) => sum + size, 0);
  }
}
