import { access, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';
const NAME = 'faketime/libfaketimeMT.so.1';

/** Where libfaketime is (Debian's package of that name), or undefined. */
export async function findFakeTime(): Promise<string | undefined> {
  const places = (await readdir(LIBRARIES).catch(() => [])).map((name) => join(LIBRARIES, name, NAME));
  for (const place of places)
    if (
      await access(place).then(
        () => true,
        () => false,
      )
    )
      return place;
  return undefined;
}

/** The wall clock of one process, which can be set while it runs. Monotonic time is left alone, as by `date -s`. */
export class Clock {
  private constructor(
    private readonly file: string,
    private readonly library: string,
  ) {}

  static async make(file: string, library: string): Promise<Clock> {
    const clock = new Clock(file, library);
    await clock.jump(0);
    return clock;
  }

  /** Seconds that the clock is fast from now on, or slow when negative. Noticed within a second. */
  async jump(seconds: number): Promise<void> {
    await writeFile(`${this.file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`, { mode: 0o644 });
    await rename(`${this.file}.new`, this.file);
  }

  /** What makes a process live by it. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: this.library,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_CACHE_DURATION: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }
}
