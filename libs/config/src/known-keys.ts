import { getMetadataStorage } from 'class-validator';

/** The declared fields of a configuration class. */
export function knownKeys(type: new () => object): string[] {
  const fields = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  return [...new Set(fields.map((field) => field.propertyName))];
}

/** The known key most like `key`, or undefined when none is like it. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const wanted = key.toLowerCase();
  let nearest: string | undefined;
  let least = Math.max(2, Math.ceil(key.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < least) [nearest, least] = [candidate, distance];
  }
  return nearest;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/** `, did you mean "port"?`, or the list of what there is. */
export function suggestion(key: string, known: readonly string[]): string {
  const nearest = nearestKey(key, known);
  return nearest === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${nearest}?`;
}
