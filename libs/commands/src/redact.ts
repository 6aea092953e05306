/** Replaces every secret by `***`, the longest first so that one inside another leaves nothing behind. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const longestFirst = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}

/** As `redact`, for text whose end was cut off: half a secret may stand there, so that much is dropped. */
export function redactCut(text: string, secrets: readonly string[] = []): string {
  const longest = Math.max(0, ...secrets.map((secret) => secret.length));
  return redact(text.slice(0, Math.max(0, text.length - longest)), secrets);
}
