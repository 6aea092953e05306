/** SQL of a time as ISO 8601 in UTC, with microseconds and its zone; null stays null. */
export const utcTime = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
