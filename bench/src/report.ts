import { cpus, totalmem } from 'node:os';

/** One line of the result: Scoria's figure, its floor's, and what they are to each other. */
export interface Figure {
  what: string;
  unit: string;
  scoria: number;
  /** None: there is nothing to compare it with. */
  floor?: number;
  /** Whether more is better (a rate) or less (a cost). Default less. */
  better?: 'more' | 'less';
}

export function machine(): string {
  const { model } = cpus()[0]!;
  return `${cpus().length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** A Markdown table. A ratio of 1 is the floor itself; above 1 is worse. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, unit, scoria, floor, better }) => {
    if (floor === undefined) return `| ${what} | ${unit} | ${short(scoria)} | – | – |`;
    const ratio = better === 'more' ? floor / scoria : scoria / floor;
    return `| ${what} | ${unit} | ${short(scoria)} | ${short(floor)} | ${ratio.toFixed(2)} |`;
  });
  return ['| what | unit | Scoria | floor | ratio |', '|---|---|---|---|---|', ...rows].join('\n');
}

const short = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
