import { canListen } from '@scoria/local-services';

/** The servers of the tests and of the clusters choose their own above, and the kernel from 32,768. */
const FIRST = 10_000;
const LAST = 20_000;
/** Test files of one run begin their search apart from each other. */
const APART = 40;

/** The first of `count` TCP ports in a row that are free on the loopback interface. */
export async function freePorts(count: number): Promise<number> {
  for (let base = FIRST + (process.pid % 100) * APART; base + count < LAST; base += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, offset) => canListen(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${count} TCP ports in a row are free`);
}
