import { parseArgs } from 'node:util';
import { faultNamed, type Fault } from './faults/index.js';
import { planNamed } from './plans/index.js';

export interface Options {
  plan: string;
  seed: number;
  minutes: number;
  operations: number;
  /** Instead of the plan's. */
  only: readonly Fault[] | undefined;
  tenants: number | undefined;
  /** File for the report. */
  report: string | undefined;
  /** The same run again. */
  command: string;
}

const DEFAULT_MINUTES = 5;
const DEFAULT_OPERATIONS = 100;
/** The slice makes the same choices each time: a failure in CI is one of the change under test. */
const SLICE_SEED = 20261125;

export const USAGE = `npm run chaos -- [--minutes N] [--seed S] [--only FAULT[,FAULT]] [--tenants N] [--report FILE]
npm run chaos -- --slice
npm run chaos -- --plan one-by-one|kill-test|burst-database|burst-broker [--operations N] [--seed S]`;

/** @throws Error when something is not understood */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      plan: { type: 'string' },
      slice: { type: 'boolean' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      operations: { type: 'string' },
      only: { type: 'string' },
      tenants: { type: 'string' },
      report: { type: 'string' },
    },
  });
  const plan = values.plan ?? (values.slice ? 'slice' : 'storm');
  if (planNamed(plan).fixed && values.only !== undefined)
    throw new Error(`the plan ${plan} has faults of its own, so --only cannot choose others`);
  const seed = number('seed', values.seed) ?? (plan === 'slice' ? SLICE_SEED : Date.now() % 1_000_000);
  return {
    plan,
    seed,
    minutes: number('minutes', values.minutes) ?? DEFAULT_MINUTES,
    operations: number('operations', values.operations) ?? DEFAULT_OPERATIONS,
    only: values.only?.split(',').map(faultNamed),
    tenants: number('tenants', values.tenants),
    report: values.report,
    command: commandOf(plan, seed, values),
  };
}

function commandOf(plan: string, seed: number, values: Record<string, string | boolean | undefined>): string {
  const kept = ['minutes', 'operations', 'only', 'tenants'].flatMap((name) =>
    values[name] === undefined ? [] : [`--${name} ${values[name]}`],
  );
  return ['npm run chaos --', `--plan ${plan}`, `--seed ${seed}`, ...kept].join(' ');
}

function number(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number, not "${text}"`);
  return value;
}
