import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '@scoria/store';
import { CHECKS, type Finding, type Scene } from './checks/index.js';
import { NothingToSay, leftOutOf, refuseLeftOut } from './faults/left-out.js';
import { Field } from './field/field.js';
import { makeImage } from './field/image.js';
import { keepLogs } from './field/keep-logs.js';
import { tooLittleRoom } from './field/room.js';
import { until, within } from './field/until.js';
import type { Options } from './options.js';
import { planNamed } from './plans/index.js';
import { Random } from './random.js';
import { findingsOf, type Result } from './report/result.js';
import { Stage } from './stage.js';
import { storyOf } from './story/story.js';
import { EventFollower } from './workload/event-follower.js';
import { WebhookReceiver } from './workload/webhook-receiver.js';

const PROGRESS_MS = 10_000;
const MOST_STORIES = 5;
/** For what still breaks when a run ends early. */
const CALM_LIMIT_MS = 30_000;

/**
 * Sets the field up, plays the plan, waits until everything has come to rest, and looks at everything.
 * @throws NothingToSay when there is too little room, a fault that was asked for by name cannot be inflicted here, or none was
 * @param interrupted raised when the run is to end at once, cleanly and without a result
 */
export async function run(
  options: Options,
  interrupted: AbortSignal,
  say: (line: string) => void,
): Promise<Result> {
  const plan = planNamed(options.plan);
  const began = performance.now();
  const faults = options.only ?? plan.faults;
  say(`setting up: ${plan.what} Seed ${options.seed}.`);
  const short = await tooLittleRoom(tmpdir());
  if (short !== undefined) throw new NothingToSay(short);
  await using field = await Field.open({
    storageHosts: plan.storageHosts,
    clocks: faults.some(({ name }) => name.includes('clock')),
  });
  interrupted.throwIfAborted();
  if (field.disksRefused) say(`storage hosts have no disks of their own: ${field.disksRefused}`);
  const leftOut = leftOutOf(faults, field);
  if (options.only) refuseLeftOut(leftOut);
  for (const { name, needs } of leftOut) say(`left out: ${name}, which needs ${needs}`);
  await makeImage(join(field.imagesDir, 'disk.qcow2'));
  await using follower = new EventFollower(field.apiUrls);
  await using receiver = await WebhookReceiver.listen(new Random(options.seed));
  await receiver.subscribe(field.apiUrls[0]!);
  const stage = new Stage(field, plan, options, say);
  say(`${field.dataDir}: ready after ${seconds(began)} s`);
  const progress = setInterval(() => sayProgress(stage), PROGRESS_MS);
  try {
    await unlessInterrupted(interrupted, plan.run(stage));
    if (stage.storm.blows.length === 0) throw new NothingToSay('no fault was inflicted');
    await using database = await openDatabase(field);
    await unlessInterrupted(interrupted, comeToRest(stage, database));
    const convergence = seconds(stage.calmAt!);
    say(`at rest after ${convergence} s`);
    const scene: Scene = { ...booksOf(stage), follower, receiver, field, database };
    const checks = await lookAtAll(scene, say);
    const result: Result = {
      plan: plan.name,
      seed: options.seed,
      command: options.command,
      seconds: seconds(began),
      done: stage.done,
      blows: stage.storm.blows,
      leftOut,
      seen: stage.seen,
      convergence,
      checks,
      stories: [],
    };
    return { ...result, stories: await storiesOf(scene, findingsOf(result)) };
  } finally {
    clearInterval(progress);
    stage.over.abort();
    await within('the faults to end', CALM_LIMIT_MS, stage.storm.calm()).catch((error: unknown) =>
      say(String(error)),
    );
    await keepLogs(field.logsDir, options.seed, say);
  }
}

async function openDatabase(field: Field): Promise<Database & AsyncDisposable> {
  const database = await Database.open({
    url: field.state.databaseUrl,
    poolSize: 2,
    applicationName: 'chaos',
  });
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}

/** No operation is live any more. One that stays is a finding, not an error. */
async function comeToRest({ plan, say }: Stage, database: Database): Promise<void> {
  const live = async (): Promise<boolean> =>
    (await database.query('select from operations where live limit 1')).length === 0;
  await until('the end of every operation', plan.convergenceSeconds * 1000, live).catch((error: Error) =>
    say(error.message),
  );
}

const booksOf = ({
  ledger,
  shelves,
  clients,
  done,
  seen,
  storm,
  unready,
  tight,
  plan,
}: Stage): Omit<Scene, 'field' | 'database' | 'follower' | 'receiver'> => ({
  ledger,
  shelves,
  clients,
  done,
  seen,
  blows: storm.blows,
  unready,
  tight,
  leastAccepted: plan.leastAccepted,
});

async function lookAtAll(
  scene: Scene,
  say: (line: string) => void,
): Promise<{ name: string; findings: Finding[] }[]> {
  const checks: { name: string; findings: Finding[] }[] = [];
  for (const { name, look } of CHECKS) {
    // A check that cannot be made hides what it would have found.
    const findings = await look(scene).catch((error: unknown) => [
      { what: 'a check that could not be made', detail: String(error) },
    ]);
    say(`${findings.length === 0 ? 'holds' : `${findings.length} times not`}: ${name}`);
    checks.push({ name, findings });
  }
  return checks;
}

async function storiesOf(scene: Scene, findings: readonly Finding[]): Promise<string[]> {
  // One of each kind first.
  const kinds = Map.groupBy(findings, ({ what }) => what);
  const ids = new Set([...kinds.values()].flatMap((those) => those.find(({ id }) => id)?.id ?? []));
  return Promise.all([...ids].slice(0, MOST_STORIES).map((id) => storyOf(scene, id)));
}

function sayProgress({ done, storm, say, seen }: Stage): void {
  const now = storm.blows.filter(({ ended }) => ended === undefined);
  const refused = done.filter(({ outcome }) => outcome.startsWith('refused')).length;
  say(
    `${done.length} acts (${refused} refused), ${storm.blows.length} faults, answers ${[...seen.counts].map((each) => each.join(' × ')).join(', ')}` +
      (now.length > 0 ? `; now: ${now.map(({ fault, aim }) => `${fault.name} ${aim}`).join(', ')}` : ''),
  );
}

function unlessInterrupted<T>(interrupted: AbortSignal, work: Promise<T>): Promise<T> {
  const broken = new Promise<never>((_, reject) => {
    const fail = (): void => reject(interrupted.reason as Error);
    if (interrupted.aborted) fail();
    interrupted.addEventListener('abort', fail, { once: true });
  });
  return Promise.race([work, broken]);
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
