import { strict as assert } from 'node:assert';
import type { StoragePlan } from '../conformance-storage.js';
import { ownerOf, Rig } from '../rig.js';
import { type FaultKind, FaultyCommandRunner, instrumentFiles, withFault } from './fault-points.js';
import { type Scenario, SCENARIOS, type World } from './scenarios.js';

/** An operation with more calls than this is no short step. */
const MAX_POINTS = 300;

/** What the drill prints. */
export interface DrillReport {
  /** How many places there were to cut the operation at. */
  points: number;
  failures: string[];
}

/**
 * `node drill.js PLAN SCENARIO KIND`: cuts one operation short before each of its file and command calls in turn, lets a
 * new driver recover, runs the operation again, and checks the storage after each step. A process of its own, since
 * it replaces Node's file calls.
 */
async function drill(plan: StoragePlan, scenario: Scenario, kind: FaultKind): Promise<DrillReport> {
  const rig = new Rig(plan, () => new FaultyCommandRunner({ owner: ownerOf(plan) }));
  await rig.open();
  const base = await rig.stamped();
  const snapshot = rig.newSnapshot(base);
  await rig.driver.createSnapshot(snapshot, rig.options());
  const world: World = { rig, base, snapshot };
  const failures: string[] = [];
  let points = 0;
  while (points < MAX_POINTS && failures.length === 0) {
    try {
      if (!(await cutAt(points + 1, world, scenario, kind))) break;
      points++;
    } catch (error) {
      failures.push(`cut before call ${points + 1}: ${(error as Error).stack}`);
    }
  }
  if (points === MAX_POINTS) failures.push(`more than ${MAX_POINTS} calls`);
  await rig.clear();
  await rig.driver.close();
  return { points, failures };
}

/** @returns whether the operation has that many calls */
async function cutAt(at: number, world: World, scenario: Scenario, kind: FaultKind): Promise<boolean> {
  const { rig, base, snapshot } = world;
  const before = await rig.listing();
  const subject = await scenario.prepare(world);
  const outcome = await withFault(kind, at, () => scenario.act(world, subject));
  // Without a restart first: storage that failed once must not need one.
  if (kind === 'fail' && outcome === 'failed') await scenario.act(world, subject);
  await rig.reopen();
  if (kind === 'freeze') await scenario.afterCut?.(world, subject);
  await scenario.act(world, subject);
  await scenario.afterwards(world, subject);
  await rig.checkHolds(base, base);
  await rig.checkSnapshotHolds(snapshot, base);
  await rig.driver.deleteVolume(subject.volume, rig.options());
  await rig.driver.deleteSnapshot(subject.snapshot, rig.options());
  assert.deepEqual(await rig.listing(), before, 'something is left behind');
  return outcome !== 'noSuchPoint';
}

await instrumentFiles();
const [plan, scenario, kind] = process.argv.slice(2);
const report = await drill(JSON.parse(plan!) as StoragePlan, SCENARIOS[scenario!]!, kind as FaultKind);
process.stdout.write(JSON.stringify(report));
process.exit();
