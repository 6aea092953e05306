import { readOptions } from './options.js';

test('the printed command runs the same again', () => {
  const first = readOptions(['--minutes', '2', '--only', 'kill-service,kill-tgtd', '--tenants', '3']);
  const again = readOptions(first.command.split(' ').slice(4));
  expect(again).toEqual({ ...first, command: again.command });
});

test('unknown faults, plans of numbers and options are refused with what there is', () => {
  expect(() => readOptions(['--only', 'nonsense'])).toThrow('name some of kill-service');
  expect(() => readOptions(['--minutes', 'many'])).toThrow('--minutes must be a number');
  expect(() => readOptions(['--plan', 'nonsense'])).toThrow('name one of storm');
  expect(() => readOptions(['--nonsense'])).toThrow('nonsense');
});

test('the slice has a fixed seed', () => {
  expect(readOptions(['--slice'])).toMatchObject({ plan: 'slice', seed: readOptions(['--slice']).seed });
});

test('other faults than its own are refused to a plan that would not inflict them', () => {
  for (const plan of ['kill-test', 'burst-database', 'burst-broker'])
    expect(() => readOptions(['--plan', plan, '--only', 'kill-tgtd'])).toThrow('--only cannot choose');
  expect(readOptions(['--plan', 'slice', '--only', 'kill-tgtd']).only).toHaveLength(1);
});
