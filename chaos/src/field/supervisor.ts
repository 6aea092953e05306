import { isAlive, launchService, type ClusterState, type Member } from '@scoria/scoria';
import { pause } from './until.js';

const LOOK_EVERY_MS = 300;

/** What systemd is on a real host: starts a service again that has ended by itself. Those on hold are left alone. */
export class Supervisor {
  private readonly held = new Map<string, number>();
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;
  /** Services that ended by themselves and were started again. */
  readonly restarts: string[] = [];

  constructor(
    private readonly state: ClusterState,
    private readonly services: readonly Member[],
  ) {}

  start(): void {
    this.running = this.watch();
  }

  hold(name: string): void {
    this.held.set(name, (this.held.get(name) ?? 0) + 1);
  }

  release(name: string): void {
    this.held.set(name, Math.max(0, (this.held.get(name) ?? 0) - 1));
  }

  async stop(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async watch(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      for (const member of this.services) await this.look(member);
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  private async look(member: Member): Promise<void> {
    const known = this.state.processes[member.name];
    if (!known || (this.held.get(member.name) ?? 0) > 0 || isAlive(known.pid)) return;
    this.restarts.push(member.name);
    this.state.processes[member.name] = await launchService(this.state, member);
  }
}
