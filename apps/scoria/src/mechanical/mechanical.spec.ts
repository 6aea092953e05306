import { Fault } from '@scoria/domain';
import { OPERATIONS, definitionKey, type StepDefinition } from '@scoria/operations';
import { Photographer, type Picture } from './picture.js';
import { SCENARIOS, type Scenario } from './scenarios.js';
import { World } from './world.js';

/**
 * The three tests that every operation has without its author writing them: each step fails in turn and the world is as
 * it was; each action runs twice; each undo runs twice.
 */

const refused = (): Error => new Fault('conflict', 'injected: this step shall fail for good');
const hiccup = (): Error => new Error('injected: this step shall fail once');

let world: World;
let photographer: Photographer;

beforeAll(async () => {
  world = await World.open();
  photographer = new Photographer(world);
});

afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

afterEach(async () => {
  await world.clear();
});

test('every operation is tested here', () => {
  const tested = new Set(SCENARIOS.map(({ definition }) => definitionKey(definition)));
  expect([...tested].sort()).toEqual(OPERATIONS.map(definitionKey).sort());
});

describe.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  const steps = scenario.definition.steps.filter(({ name }) => !scenario.skips?.includes(name));
  const { kind } = scenario.definition;
  let before: Picture;
  let after: Picture;

  /** Once without faults: what the world is like before and after. */
  beforeAll(async () => {
    const path = await scenario.prepare(world);
    before = await photographer.take();
    await scenario.ask(world, path);
    await photographer.learn();
    await world.idle();
    after = await photographer.take();
    await world.clear();
  });

  test('does something', () => expect(after).not.toEqual(before));

  test.each(points(steps))('step %s fails %s it has acted: the world is as it was', async (step, moment) => {
    world.faults.plan({ kind, step, phase: 'run', moment }, refused());
    const path = await runWithFaults(scenario);
    await scenario.mend(world, path);
    await world.idle();
    expect(await photographer.take()).toEqual(scenario.mended === 'as before' ? before : after);
  });

  test.each(steps.map(({ name }) => name))('step %s runs twice: nothing is done twice', async (step) => {
    world.faults.plan({ kind, step, phase: 'run', moment: 'after' }, hiccup());
    await runWithFaults(scenario);
    expect(world.faults.passed.get(`${kind}:${step} run before`)).toBe(2);
    expect(await photographer.take()).toEqual(after);
  });

  const undos = steps.filter(({ undo }) => undo).map(({ name }) => name);
  if (undos.length === 0) return;
  test.each(undos)('the undo of %s runs twice: nothing is undone twice', async (step) => {
    world.faults.plan({ kind, step: steps.at(-1)!.name, phase: 'run', moment: 'after' }, refused());
    world.faults.plan({ kind, step, phase: 'undo', moment: 'after' }, hiccup());
    const path = await runWithFaults(scenario);
    expect(world.faults.passed.get(`${kind}:${step} undo before`)).toBe(2);
    await scenario.mend(world, path);
    await world.idle();
    expect(await photographer.take()).toEqual(scenario.mended === 'as before' ? before : after);
  });
});

/** Prepares without faults, asks with them, waits for the end. */
async function runWithFaults(scenario: Scenario): Promise<string> {
  const planned = world.faults.suspend();
  const path = await scenario.prepare(world);
  planned.resume();
  await scenario.ask(world, path);
  await photographer.learn();
  await world.idle();
  expect(world.faults.unused).toEqual([]);
  return path;
}

function points(steps: readonly StepDefinition<never>[]): [string, 'before' | 'after'][] {
  return steps.flatMap(({ name }): [string, 'before' | 'after'][] => [
    [name, 'before'],
    [name, 'after'],
  ]);
}
