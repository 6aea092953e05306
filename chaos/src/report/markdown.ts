import type { Finding } from '../checks/index.js';
import type { Blow } from '../storm.js';
import type { Done } from '../workload/tenant.js';
import { findingsOf, type Result } from './result.js';

const SLOWEST = 5;
/** Of each kind. */
const MOST_FINDINGS = 5;

/** The report of a run, for people. */
export function markdown(result: Result): string {
  const { plan, seed, seconds, done, blows, convergence, command } = result;
  const findings = findingsOf(result);
  return [
    `# Chaos: ${plan}, seed ${seed}`,
    '',
    `${findings.length === 0 ? 'Nothing was found.' : `**${findings.length} findings.**`} ` +
      `${done.length} acts by tenants, ${blows.length} faults, ${Math.round(seconds)} s in all, ` +
      `at rest ${convergence.toFixed(1)} s after the last fault.`,
    '',
    `Again: \`${command}\``,
    '',
    '## Faults',
    '',
    ...table(['fault', 'times', 's in all', 'longest s', 'slowest act meanwhile, s'], faultRows(result)),
    '',
    ...result.leftOut.map(({ name, needs }) => `- left out on this machine: ${name}, which needs ${needs}`),
    '',
    '## Acts',
    '',
    ...table(['act', 'how it ended', 'times', 'median s', 'longest s'], actRows(result)),
    '',
    `Answers: ${[...result.seen.counts]
      .sort()
      .map(([status, count]) => `${status} × ${count}`)
      .join(', ')}.`,
    '',
    '## Slowest',
    '',
    ...table(
      ['act', 'how it ended', 's', 'what'],
      [...done]
        .sort((a, b) => b.seconds - a.seconds)
        .slice(0, SLOWEST)
        .map(({ act, outcome, seconds: took, detail }) => [
          act,
          outcome,
          took.toFixed(1),
          detail.slice(0, 80),
        ]),
    ),
    '',
    '## Checks',
    '',
    ...result.checks.map(
      ({ name, findings: { length } }) => `- ${length === 0 ? 'holds' : `**${length} times not**`}: ${name}`,
    ),
    '',
    ...findingRows(findings),
    '',
    ...result.stories.flatMap((story) => ['```', story, '```', '']),
  ].join('\n');
}

/** The first of each kind, and how many there are. */
function findingRows(findings: readonly Finding[]): string[] {
  return [...Map.groupBy(findings, ({ what }) => what)].flatMap(([what, those]) => [
    `- ${what}, ${those.length} times`,
    ...those.slice(0, MOST_FINDINGS).map(({ detail }) => `  - ${detail.slice(0, 500)}`),
  ]);
}

function faultRows({ blows, done }: Result): string[][] {
  const byFault = Map.groupBy(blows, ({ fault }) => fault.name);
  return [...byFault].sort().map(([name, those]) => {
    const seconds = those.map(({ began, ended }) => ((ended ?? Date.now()) - began) / 1000);
    return [
      name,
      String(those.length),
      seconds.reduce((sum, each) => sum + each, 0).toFixed(0),
      Math.max(...seconds).toFixed(1),
      Math.max(0, ...those.map((blow) => slowestMeanwhile(blow, done))).toFixed(1),
    ];
  });
}

/** Seconds that the slowest act took which was under way at some moment of a fault. */
function slowestMeanwhile({ began, ended = Infinity }: Blow, done: readonly Done[]): number {
  const meanwhile = done.filter(({ at, seconds }) => at < ended && at + seconds * 1000 > began);
  return Math.max(0, ...meanwhile.map(({ seconds }) => seconds));
}

function actRows({ done }: Result): string[][] {
  const byEnd = Map.groupBy(done, ({ act, outcome }) => `${act}\0${outcome}`);
  return [...byEnd].sort().map(([key, those]) => {
    const seconds = those.map((each) => each.seconds).sort((a, b) => a - b);
    return [
      ...key.split('\0'),
      String(those.length),
      seconds[seconds.length >> 1]!.toFixed(1),
      seconds.at(-1)!.toFixed(1),
    ];
  });
}

function table(heads: string[], rows: string[][]): string[] {
  const line = (cells: string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}
