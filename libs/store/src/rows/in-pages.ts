const LEAST_ID = '00000000-0000-0000-0000-000000000000';

/** Rows in the order of their ids, read in pages of `size` by a statement that begins behind an id. */
export async function* inPages<Row extends { id: string }>(
  page: (after: string) => Promise<Row[]>,
  size: number,
): AsyncGenerator<Row> {
  for (let after = LEAST_ID; ;) {
    const rows = await page(after);
    yield* rows;
    if (rows.length < size) return;
    after = rows.at(-1)!.id;
  }
}
