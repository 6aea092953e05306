/** Tells of progress in whole percents above `from`, up to `to`, each once, however often it is called. */
export function percentReporter(
  onProgress: ((percent: number) => void) | undefined,
  from: number,
  to: number,
): (done: number, all: number) => void {
  let last = from;
  return (done, all) => {
    const share = all === 0 ? 1 : Math.min(1, done / all);
    const percent = Math.floor(from + (to - from) * share);
    if (percent > last) onProgress?.(percent);
    last = Math.max(last, percent);
  };
}
