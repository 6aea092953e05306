import { SerialQueue } from './serial-queue.js';

describe('SerialQueue', () => {
  it('tasks never overlap, and one that fails does not stop the next', async () => {
    const queue = new SerialQueue();
    let running = 0;
    let most = 0;
    const task = async (index: number): Promise<number> => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      if (index === 3) throw new Error('third');
      return index;
    };
    const results = await Promise.allSettled([1, 2, 3, 4].map((index) => queue.run(() => task(index))));
    expect(results.map((result) => result.status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(most).toBe(1);
  });

  it('a task whose caller gave up while it waited does not run', async () => {
    const queue = new SerialQueue();
    const controller = new AbortController();
    let open = (): void => undefined;
    const first = queue.run(() => new Promise<void>((resolve) => (open = resolve)));
    let ran = false;
    const second = expect(queue.run(async () => void (ran = true), controller.signal)).rejects.toThrow(
      'gave up',
    );
    controller.abort(new Error('gave up'));
    await new Promise(setImmediate);
    open();
    await first;
    await second;
    expect(ran).toBe(false);
  });

  it('a task whose caller gives up leaves the queue at once, not after those before it', async () => {
    const queue = new SerialQueue();
    const controller = new AbortController();
    let open = (): void => undefined;
    const first = queue.run(() => new Promise<void>((resolve) => (open = resolve)));
    const waiting = Array.from({ length: 999 }, () => queue.run(async () => 'ran', controller.signal));
    const left = Promise.allSettled(waiting);
    controller.abort(new Error('gave up'));
    expect(new Set((await left).map(({ status }) => status))).toEqual(new Set(['rejected']));
    const third = queue.run(async () => 'third');
    open();
    await expect(third).resolves.toBe('third');
    await first;
  });

  it('a task that has begun is waited for, whether its caller gives up or not', async () => {
    const queue = new SerialQueue();
    const controller = new AbortController();
    let open = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      void queue.run(async () => resolve());
    });
    const task = queue.run(
      () => new Promise<string>((resolve) => (open = () => resolve('done'))),
      controller.signal,
    );
    await begun;
    await new Promise(setImmediate);
    controller.abort(new Error('gave up'));
    open();
    await expect(task).resolves.toBe('done');
  });

  it('a queue that does not move refuses the 1,001st task instead of growing', async () => {
    const queue = new SerialQueue();
    let open = (): void => undefined;
    const tasks = [queue.run(() => new Promise<void>((resolve) => (open = resolve)))];
    for (let index = 1; index < 1000; index++) tasks.push(queue.run(async () => undefined));
    await expect(queue.run(async () => undefined)).rejects.toMatchObject({ kind: 'unavailable' });
    open();
    await Promise.all(tasks);
    await expect(queue.run(async () => 'goes on')).resolves.toBe('goes on');
  });
});
