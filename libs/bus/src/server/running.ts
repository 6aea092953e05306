/** The handlers that run right now, so that a drain can wait for them. */
export class Running {
  private readonly tasks = new Set<Promise<void>>();

  get size(): number {
    return this.tasks.size;
  }

  /** `task` must not reject. */
  add(task: Promise<void>): void {
    this.tasks.add(task);
    void task.finally(() => this.tasks.delete(task));
  }

  /** Whether everything ended within `limitMs`. */
  async idle(limitMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, limitMs, false);
    });
    const ended = Promise.all(this.tasks).then(() => true);
    try {
      return await Promise.race([ended, limit]);
    } finally {
      clearTimeout(timer);
    }
  }
}
