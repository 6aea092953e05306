const TRUE = new Set(['True', 'true', 'TRUE', '1', 'on', 'ON', 'On', 'yes', 'YES', 'Yes', 'y', 't']);
const FALSE = new Set(['False', 'false', 'FALSE', '0', 'off', 'OFF', 'Off', 'no', 'NO', 'No', 'n', 'f']);

/** A boolean or one of Cinder's texts of truth (cinder-map §8.5); undefined for anything else. */
export function asBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return undefined;
  return TRUE.has(value) ? true : FALSE.has(value) ? false : undefined;
}
