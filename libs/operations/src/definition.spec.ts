import { nextStep, nextUndo } from './definition.js';
import { operation } from './definitions/operation-builder.js';
import { StepRegistry } from './step-handler.js';

const rest = { cancel: 'undo', again: 'again' } as const;

interface Input {
  short: boolean;
}

const long = operation<Input>('test.long', 1, { deadlineSeconds: 60, ...rest })
  .step('one', { at: 'scheduler', undo: true })
  .step('two', { at: 'backend', undo: true, when: ({ short }) => !short })
  .step('three', { at: 'backend' })
  .define();

const definition = long as never;
const all = { short: false };
const short = { short: true };

describe('a definition', () => {
  it.each([
    [all, 0, 0],
    [all, 1, 1],
    [short, 1, 2],
    [all, 3, undefined],
  ])('goes forward past the steps that %j does not need, from %i to %s', (input, from, step) => {
    expect(nextStep(definition, input, from)).toBe(step);
  });

  it.each([
    [all, 2, 0, 1],
    [short, 2, 0, 0],
    [all, 0, 0, 0],
    [all, 2, 1, 1],
    [short, 2, 1, undefined],
    [all, -1, 0, undefined],
  ])(
    'goes back to the steps that %j has to undo, from %i and not below %i, to %s',
    (input, from, floor, step) => {
      expect(nextUndo(definition, input, from, floor)).toBe(step);
    },
  );

  it('is refused without steps, with two of one name, or when it goes on from a step that it has not', () => {
    const begin = () => operation('test.bad', 1, { deadlineSeconds: 60, ...rest });
    expect(() => begin().define()).toThrow('steps must be there');
    const twice = begin().step('one', { at: 'backend' }).step('one', { at: 'backend' });
    expect(() => twice.define()).toThrow('named differently');
    expect(() => begin().step('one', { at: 'backend' }).retryFrom('two', 3).define()).toThrow('no step two');
  });
});

describe('a registry of steps', () => {
  const run = async () => {};
  const registry = () => new StepRegistry<never>([definition]);

  it('refuses a definition or an implementation that is there twice', () => {
    expect(() => new StepRegistry<never>([definition, definition])).toThrow('test.long/1 is defined twice');
    const once = registry().implement(long, 'three', { run });
    expect(() => once.implement(long, 'three', { run })).toThrow('test.long/1:three is implemented twice');
  });

  it('refuses a step that is not declared, and an undo that is not or is only declared', () => {
    expect(() => registry().implement(long, 'four', { run })).toThrow('is not declared');
    expect(() => registry().implement(long, 'one', { run })).toThrow('undo and declaration differ');
    expect(() => registry().implement(long, 'three', { run, undo: run })).toThrow(
      'undo and declaration differ',
    );
  });

  it('names every step of a place that nobody implements, and no other place’s', () => {
    const half = registry().implement(long, 'three', { run });
    expect(() => half.assertComplete('backend')).toThrow('steps without implementation: test.long/1:two');
    expect(() => half.implement(long, 'two', { run, undo: run }).assertComplete('backend')).not.toThrow();
    expect(() => half.assertComplete('scheduler')).toThrow('test.long/1:one');
  });
});
