const TRUE = new Set(['True', 'true', 'TRUE', '1', 'on', 'ON', 'On', 'yes', 'YES', 'Yes', 'y', 't']);
const FALSE = new Set(['False', 'false', 'FALSE', '0', 'off', 'OFF', 'Off', 'no', 'NO', 'No', 'n', 'f']);

/** A boolean or one of Cinder's texts of truth (cinder-map §8.5); undefined for anything else. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  return TRUE.has(value) ? true : FALSE.has(value) ? false : undefined;
}

const YES = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const NO = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

/** Text of a query that means yes or no, in any case (oslo's `bool_from_string`); undefined for anything else. */
export function readFlag(text: string): boolean | undefined {
  const word = text.toLowerCase();
  return YES.has(word) ? true : NO.has(word) ? false : undefined;
}
