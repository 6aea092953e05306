import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A floor running in a process of its own, so that its CPU time can be told from the load's. */
export class FloorProcess implements Disposable {
  private constructor(
    private readonly child: ChildProcess,
    /** The first line it printed. */
    readonly greeting: string,
  ) {}

  static async start(module: string, ...args: string[]): Promise<FloorProcess> {
    const path = fileURLToPath(new URL(module, import.meta.url));
    const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    return new FloorProcess(child, line.toString().trim());
  }

  get pid(): number {
    return this.child.pid!;
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL');
  }
}
