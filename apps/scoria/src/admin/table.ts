/** Rows below their headings, in columns as wide as they have to be; without trailing blanks. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line of at most `length` characters. */
export function clipped(text: string | null | undefined, length: number): string {
  const line = (text ?? '').replaceAll(/\s+/g, ' ');
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** The time from then to now, e.g. `42s`, `3m`, `5h`, `2d`; with `in ` before it for what is to come. */
export function ago(time: string, now = Date.now()): string {
  const seconds = Math.round((now - Date.parse(time)) / 1000);
  const size = Math.abs(seconds);
  const text =
    size < 120
      ? `${size}s`
      : size < 7200
        ? `${Math.round(size / 60)}m`
        : size < 172_800
          ? `${Math.round(size / 3600)}h`
          : `${Math.round(size / 86_400)}d`;
  return seconds < 0 ? `in ${text}` : text;
}
