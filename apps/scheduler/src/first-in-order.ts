/**
 * The first `limit` of the numbers 0..`count` - 1, in order. For a short list far cheaper than to sort them all.
 * `before` has to be a strict order.
 */
export function firstInOrder(
  limit: number,
  count: number,
  before: (a: number, b: number) => boolean,
): number[] {
  if (limit >= count) {
    return Array.from({ length: count }, (_, index) => index).sort((a, b) => (before(a, b) ? -1 : 1));
  }
  const best: number[] = [];
  for (let index = 0; index < count; index++) {
    if (best.length === limit) {
      if (!before(index, best[limit - 1]!)) continue;
      best.pop();
    }
    let at = best.length;
    while (at > 0 && before(index, best[at - 1]!)) at--;
    best.splice(at, 0, index);
  }
  return best;
}
