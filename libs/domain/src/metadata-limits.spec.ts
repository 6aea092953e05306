import { fittingImageMetadata, imageMetadataFits } from './metadata-limits.js';

const items = (count: number, length: number): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [String(n).padStart(4, 'k'), 'v'.repeat(length)]),
  );

describe('what a volume keeps of its image', () => {
  it.each([
    [256, 0, true],
    [257, 0, false],
    [2, 65_531, true],
    [2, 65_533, false],
  ])('%i items of %i characters fit: %s', (count, length, fits) => {
    expect(imageMetadataFits(items(count, length))).toBe(fits);
    const kept = fittingImageMetadata(items(count, length));
    expect(imageMetadataFits(kept)).toBe(true);
    expect(Object.keys(kept).length).toBe(fits ? count : count - 1);
  });
});
