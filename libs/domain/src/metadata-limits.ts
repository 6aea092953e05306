type Items = Readonly<Record<string, string>>;

/** Keys of the metadata of one volume, snapshot or image at most. */
export const MAX_METADATA_ITEMS = 256;

/** UTF-16 units of what a volume knows of its image at most, keys and values together: every list carries it. */
export const MAX_IMAGE_METADATA = 131_072;

export const imageMetadataFits = (items: Items): boolean =>
  Object.keys(items).length <= MAX_METADATA_ITEMS && lengthOf(Object.entries(items)) <= MAX_IMAGE_METADATA;

/** The first of the items that fit, in their order. */
export function fittingImageMetadata(items: Items): Record<string, string> {
  const kept: [string, string][] = [];
  let room = MAX_IMAGE_METADATA;
  for (const item of Object.entries(items)) {
    room -= lengthOf([item]);
    if (room < 0 || kept.length === MAX_METADATA_ITEMS) break;
    kept.push(item);
  }
  return Object.fromEntries(kept);
}

const lengthOf = (items: readonly [string, string][]): number =>
  items.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
