import { Deck } from './deck.js';
import type { Fault, Heal } from './faults/index.js';
import type { Field } from './field/field.js';
import { pause, within } from './field/until.js';
import type { Random } from './random.js';

/** One fault that was inflicted. Times are milliseconds since the epoch. */
export interface Blow {
  fault: Fault;
  aim: string;
  /** The storage host that it is done to; undefined when it is done to none, or to all. */
  host: string | undefined;
  began: number;
  /** Undefined while it lasts. */
  ended: number | undefined;
}

export interface StormOptions {
  /** What may happen, over and over in another order each time. */
  faults: readonly Fault[];
  chance: Random;
  /** Faults at the same time, at most. */
  lanes: number;
  /** Seconds between two faults of a lane: at least, at most. */
  gap: readonly [number, number];
  /** Longest that a fault may last. Default: what the fault says. */
  mostSeconds?: number;
  /** How often each fault comes at most. Default: as often as there is time. */
  rounds?: number;
  say: (line: string) => void;
}

/** To inflict a fault, and to heal it: a server that starts again takes a minute on a busy machine. */
const STRIKE_LIMIT_MS = 300_000;
const BUSY_PAUSE_MS = 500;
const FULL_TURN = 3;

/** Inflicts faults, several at a time, each on something that no other is being inflicted on, and heals them. */
export class Storm {
  readonly blows: Blow[] = [];
  private readonly claimed = new Set<string>();
  private readonly calming = new AbortController();
  private readonly running: Promise<void>[] = [];
  private readonly deck: Deck<Fault>;

  constructor(
    private readonly field: Field,
    private readonly options: StormOptions,
  ) {
    const { faults, chance, rounds } = options;
    this.deck = new Deck(() => faults.filter((fault) => this.isPossible(fault)), chance, rounds);
  }

  start(): void {
    for (let lane = 0; lane < this.options.lanes; lane++) this.running.push(this.lane());
  }

  /** Resolves when every fault has come as often as it was to come. */
  async spent(): Promise<void> {
    await Promise.all(this.running);
  }

  /** Heals everything; resolves when it is. @throws Error when something could not be inflicted or healed */
  async calm(): Promise<void> {
    this.calming.abort();
    await this.spent();
  }

  /** Inflicts one fault, and heals it when its time is over. Answers false when what it needs is in use. */
  async strike(fault: Fault, seconds?: number): Promise<boolean> {
    const { field } = this;
    const { chance, say, mostSeconds = Infinity } = this.options;
    const claimsOf = (aim: string): readonly string[] => fault.claims?.(aim, field) ?? [aim];
    const aims = fault.aims(field).filter((aim) => claimsOf(aim).every((claim) => !this.claimed.has(claim)));
    if (aims.length === 0) return false;
    const aim = chance.pick(aims);
    const lasting = Math.min(seconds ?? chance.between(...fault.seconds), mostSeconds);
    const claims = claimsOf(aim);
    for (const claim of claims) this.claimed.add(claim);
    const host = fault.hostOf?.(aim, field);
    const blow: Blow = { fault, aim, host, began: Date.now(), ended: undefined };
    this.blows.push(blow);
    say(`${fault.name}: ${aim}, ${lasting.toFixed(1)} s`);
    let heal: Heal | undefined;
    try {
      const inflicted = fault.inflict(field, aim, { chance });
      heal = await within(`${fault.name} to begin`, STRIKE_LIMIT_MS, inflicted);
      await pause(lasting * 1000, this.calming.signal);
    } catch (error) {
      throw new Error(`${fault.name} of ${aim} went wrong`, { cause: error });
    } finally {
      if (heal) await within(`${fault.name} to end`, STRIKE_LIMIT_MS, Promise.resolve(heal()));
      blow.ended = Date.now();
      for (const claim of claims) this.claimed.delete(claim);
    }
    return true;
  }

  private async lane(): Promise<void> {
    const { chance, gap, faults } = this.options;
    const { signal } = this.calming;
    let refused = 0;
    for (let fault = this.deck.next(); fault && !signal.aborted; fault = this.deck.next()) {
      if (await this.strike(fault)) {
        refused = 0;
        await pause(chance.between(...gap) * 1000, signal);
        continue;
      }
      // What is in use now may be free a little later; what this machine cannot do never will.
      if (this.isPossible(fault)) this.deck.giveBack(fault);
      if (++refused >= Math.min(FULL_TURN, faults.length)) await pause(BUSY_PAUSE_MS, signal);
    }
  }

  private isPossible({ aims }: Fault): boolean {
    return aims(this.field).length > 0;
  }
}
