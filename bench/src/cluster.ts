import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProcessGroup } from './cpu.js';

interface ClusterFile {
  databaseUrl: string;
  amqpUrl: string;
  apiUrls: string[];
  processes: Record<string, { pid: number }>;
}

const SCORIA = fileURLToPath(new URL('../../apps/scoria/bin/scoria.mjs', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * The distributed shape, in a directory of its own that goes with it: also when it does not come up, and at a signal,
 * since its processes outlive this one and keep their ports.
 */
export class BenchCluster implements Disposable {
  private readonly dataDir = mkdtempSync(join(tmpdir(), 'scoria-bench-'));
  readonly file: ClusterFile;

  constructor(basePort: number) {
    // PostgreSQL's user must pass, or its data would lie elsewhere and stay.
    chmodSync(this.dataDir, 0o711);
    for (const signal of SIGNALS) process.on(signal, this.endAtSignal);
    try {
      this.run('up', '--base-port', String(basePort));
      this.file = JSON.parse(readFileSync(join(this.dataDir, 'cluster.json'), 'utf8')) as ClusterFile;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Pids of the processes whose names begin with one of these. */
  processes(...prefixes: string[]): ProcessGroup {
    return Object.fromEntries(
      Object.entries(this.file.processes)
        .filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix)))
        .map(([name, { pid }]) => [name, pid]),
    );
  }

  private run(action: string, ...args: string[]): void {
    const { status } = spawnSync(
      process.execPath,
      [SCORIA, 'cluster', action, '--data', this.dataDir, ...args],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    if (status !== 0) throw new Error(`cluster ${action} failed`);
  }

  [Symbol.dispose](): void {
    this.run('down');
    rmSync(this.dataDir, { recursive: true, force: true });
    for (const signal of SIGNALS) process.off(signal, this.endAtSignal);
  }

  /** A start under way is waited for: a signal is not heard before it has ended. */
  private readonly endAtSignal = (signal: NodeJS.Signals): void => {
    this[Symbol.dispose]();
    process.kill(process.pid, signal);
  };
}
