/** A test of a capability's text, made from the words after the operator. */
type Operator = (operands: readonly string[]) => (value: string) => boolean;

/** Every operator of extra specs (cinder-map §6.4). All but `<or>` look at the first word after them only. */
export const SPEC_OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['=', numeric((value, wanted) => value >= wanted)],
  ['==', numeric((value, wanted) => value === wanted)],
  ['!=', numeric((value, wanted) => value !== wanted)],
  ['>=', numeric((value, wanted) => value >= wanted)],
  ['<=', numeric((value, wanted) => value <= wanted)],
  ['s==', textual((value, wanted) => value === wanted)],
  ['s!=', textual((value, wanted) => value !== wanted)],
  ['s<', textual((value, wanted) => value < wanted)],
  ['s<=', textual((value, wanted) => value <= wanted)],
  ['s>', textual((value, wanted) => value > wanted)],
  ['s>=', textual((value, wanted) => value >= wanted)],
  ['<in>', textual((value, wanted) => value.includes(wanted))],
  ['<is>', textual((value, wanted) => isTrue(value) === isTrue(wanted))],
  ['<or>', anyOf],
]);

export const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** A capability as extra specs write it: `True` and `False` with a capital, as clients of Cinder do. */
export function textOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function textual(holds: (value: string, wanted: string) => boolean): Operator {
  return ([wanted]) =>
    (value) =>
      wanted !== undefined && holds(value, wanted);
}

/** What is not a number never matches, on either side. */
function numeric(holds: (value: number, wanted: number) => boolean): Operator {
  return ([operand]) => {
    const wanted = numberOf(operand);
    return (text) => {
      const value = numberOf(text);
      return wanted !== undefined && value !== undefined && holds(value, wanted);
    };
  };
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (/^[+-]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** `<or> a <or> b`: the words between the operators. */
function anyOf(operands: readonly string[]): (value: string) => boolean {
  const wanted = operands.filter((_, index) => index % 2 === 0);
  return (value) => wanted.includes(value);
}

const TRUE_WORDS = new Set(['1', 't', 'true', 'on', 'y', 'yes']);

const isTrue = (text: string): boolean => TRUE_WORDS.has(text.toLowerCase());
