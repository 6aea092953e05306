import type { Fault } from './faults/index.js';
import type { Field } from './field/field.js';
import type { Options } from './options.js';
import type { Plan } from './plans/plan.js';
import { Random } from './random.js';
import { Storm, type StormOptions } from './storm.js';
import { doSomething } from './workload/do-something.js';
import { Ledger, Shelf } from './workload/model.js';
import { PatientClient, type Seen } from './workload/patient-client.js';
import { Tenant, type Done } from './workload/tenant.js';

/** Every third project has a tight quota, so that it is refused now and then. */
const TIGHT_EVERY = 3;
const TIGHT_VOLUMES = 6;

/** What a plan plays on: the field, its tenants, and the books that are kept. */
export class Stage {
  readonly ledger = new Ledger();
  readonly shelves = new Map<string, Shelf>();
  readonly clients = new Map<string, PatientClient>();
  /** Projects with a tight quota. */
  readonly tight = new Set<string>();
  readonly tenants: Tenant[] = [];
  readonly done: Done[] = [];
  readonly seen: Seen = { counts: new Map(), failures: [] };
  /** Raised when nobody waits for the end of anything any more. */
  readonly over = new AbortController();
  readonly chance: Random;
  /** Services that did not get ready again after everything was healed. */
  unready: readonly string[] = [];
  /** When everything was healed, by `performance.now()`. */
  calmAt: number | undefined;
  storm: Storm;

  constructor(
    readonly field: Field,
    readonly plan: Plan,
    readonly options: Options,
    readonly say: (line: string) => void,
  ) {
    this.chance = new Random(options.seed);
    this.storm = this.newStorm({ lanes: 0, gap: [0, 0] });
    const projects = options.tenants ?? plan.projects;
    for (let number = 0; number < projects; number++) this.addProject(`chaos-${number + 1}`, number);
  }

  get faults(): readonly Fault[] {
    return this.options.only ?? this.plan.faults;
  }

  /** Quotas, and whatever else must be there before the first act. */
  async prepare({ tight = true } = {}): Promise<void> {
    await Promise.all(
      [...this.clients].map(async ([project, client], index) => {
        if (tight && index % TIGHT_EVERY === TIGHT_EVERY - 1) this.tight.add(project);
        const volumes = this.tight.has(project) ? TIGHT_VOLUMES : -1;
        const quota = { quota_set: { volumes, snapshots: -1, gigabytes: -1 } };
        const { status } = await client.request('PUT', `/os-quota-sets/${project}`, quota);
        if (status !== 200) throw new Error(`the quota of ${project} was not set: ${status}`);
      }),
    );
  }

  newStorm(options: Omit<StormOptions, 'faults' | 'chance' | 'say'> & { faults?: readonly Fault[] }): Storm {
    return (this.storm = new Storm(this.field, {
      faults: this.faults,
      chance: new Random(this.options.seed ^ 0x5eed),
      say: this.say,
      ...options,
    }));
  }

  /** Every hand does one thing after the other for as long as there is more to do. Resolves when the last has ended. */
  async work(more: () => boolean): Promise<void> {
    await Promise.all(
      this.tenants.map(async (tenant) => {
        while (more() && !this.over.signal.aborted) this.done.push(await doSomething(tenant, this.plan.acts));
      }),
    );
  }

  /** Heals everything, and gives what is still under way its time to end. */
  async calm(): Promise<void> {
    await this.storm.calm();
    this.calmAt = performance.now();
    this.unready = await this.field.unready();
    for (const name of this.unready) this.say(`${name} does not get ready`);
    setTimeout(() => this.over.abort(), this.plan.convergenceSeconds * 1000).unref();
  }

  private addProject(project: string, number: number): void {
    const urls = number % 2 === 0 ? this.field.apiUrls : this.field.apiUrls.toReversed();
    const client = new PatientClient(urls, project, this.seen);
    const shelf = new Shelf();
    this.shelves.set(project, shelf);
    this.clients.set(project, client);
    for (let hand = 0; hand < this.plan.hands; hand++)
      this.tenants.push(
        new Tenant({
          client: new PatientClient(urls, project, this.seen, hand),
          chance: new Random(this.options.seed + (number + 1) * 100 + hand),
          shelf,
          ledger: this.ledger,
          over: this.over.signal,
        }),
      );
  }
}
