/** Stops what the tests had started, and removes its data. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.stopScoriaTestServices?.();
}
