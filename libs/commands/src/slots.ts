/** A counted set of places. Who finds none waits in line, up to a limit. */
export class Slots {
  private readonly waiting: (() => void)[] = [];
  private taken = 0;

  constructor(
    private readonly places: number,
    private readonly maxWaiting: number,
  ) {}

  /** Resolves with a place taken; give it back by `release()`. Rejects when the line is full or the signal is raised. */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.taken < this.places) {
      this.taken++;
      return;
    }
    if (this.waiting.length >= this.maxWaiting) throw new Error(`more than ${this.maxWaiting} commands wait`);
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        reject(signal!.reason as Error);
      };
      const enter = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(enter);
    });
  }

  release(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.taken--;
  }
}
