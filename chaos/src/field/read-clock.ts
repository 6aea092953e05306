import { control } from './control.js';
import { until } from './until.js';

const SEEN_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 5000;
/** Answers give whole seconds, libfaketime looks once a second, and any process may stand still for a while. */
const INEXACT_S = 3;

/** Seconds by which a clock is fast; undefined while nobody answers. */
export type ReadClock = () => Promise<number | undefined>;

/** The clock of a service, by the time at which it says to answer. */
export const clockOfService =
  (url: string): ReadClock =>
  async () => {
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }).catch(
      () => undefined,
    );
    const date = Date.parse(answer?.headers.get('date') ?? '');
    return Number.isNaN(date) ? undefined : (date - Date.now()) / 1000;
  };

/** PostgreSQL's clock. */
export const clockOfDatabase =
  (url: string): ReadClock =>
  async () => {
    const rows = await control<{ now: number }>(
      url,
      'select extract(epoch from clock_timestamp())::float8 as now',
    ).catch(() => []);
    return rows[0] && rows[0].now - Date.now() / 1000;
  };

/**
 * Resolves when a clock that was set shows it, or when nobody answers in the end: something else is done to it then.
 * @throws Error when it goes on as before, and setting it has done nothing
 */
export async function untilFast(seconds: number, read: ReadClock, limitMs = SEEN_LIMIT_MS): Promise<void> {
  let shown: number | undefined;
  await until('a clock to jump', limitMs, async () => {
    shown = await read();
    return shown !== undefined && Math.abs(shown - seconds) <= INEXACT_S;
  }).catch((error: Error) => {
    if (shown !== undefined) throw new Error(`${error.message}: it is ${shown} s fast, and not ${seconds}`);
  });
}
