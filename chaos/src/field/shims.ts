import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a shim does instead of passing a command on. `hang`: waits for as long as it is told to, then passes it on.
 * `fail`: exit code 1, and nothing done. `die`: killed before it has done anything. `die-after`: killed after it has done
 * everything, so that nobody learns of it.
 */
export type ShimMode = 'hang' | 'fail' | 'die' | 'die-after';

/** Programs that the services run for storage. */
export const SHIMMED = ['cp', 'sync', 'qemu-img', 'tgtadm'] as const;
export type Shimmed = (typeof SHIMMED)[number];

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A directory of programs that stands first in the PATH of one host's services, and obeys files beside it. */
export class Shims {
  private constructor(
    readonly directory: string,
    private readonly orders: string,
  ) {}

  static async make(parent: string): Promise<Shims> {
    const shims = new Shims(join(parent, 'shims'), join(parent, 'orders'));
    for (const directory of [shims.directory, shims.orders]) await mkdir(directory, { recursive: true });
    for (const program of SHIMMED) {
      const file = join(shims.directory, program);
      await writeFile(file, scriptOf(program, join(shims.orders, program)));
      await chmod(file, 0o755);
    }
    return shims;
  }

  async order(program: Shimmed, mode: ShimMode): Promise<void> {
    const file = join(this.orders, program);
    await writeFile(`${file}.new`, `${mode}\n`);
    await rename(`${file}.new`, file);
  }

  async release(program: Shimmed): Promise<void> {
    await rm(join(this.orders, program), { force: true });
  }
}

/** Shell, since it starts in a millisecond: every command of the product passes here. */
function scriptOf(program: string, order: string): string {
  return `#!/bin/sh
# Put here by the chaos harness: stands before ${program}.
PATH=\${PATH#*:}:${SYSTEM_PATH}
read -r mode 2>/dev/null < '${order}' || exec ${program} "$@"
case $mode in
  hang) while [ -e '${order}' ]; do sleep 0.1; done; exec ${program} "$@" ;;
  fail) echo '${program}: made to fail' >&2; exit 1 ;;
  die) kill -KILL $$ ;;
  die-after) ${program} "$@"; kill -KILL $$ ;;
esac
exit 1
`;
}
