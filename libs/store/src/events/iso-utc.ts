/** ISO, UTC, with microseconds; null stays null. */
export const isoUtc = (expression: string): string =>
  `to_char(${expression} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
