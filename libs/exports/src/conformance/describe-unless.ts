/** `describe`, or a skipped one that says why in its name and on the console. */
export function describeUnless(reason: string | undefined, name: string, suite: () => void): void {
  if (reason === undefined) return describe(name, suite);
  console.warn(`SKIPPED: ${name}: ${reason}`);
  describe.skip(`${name} (${reason})`, suite);
}
