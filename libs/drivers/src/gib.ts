/** Bytes of one GiB. */
export const GIB = 2 ** 30;

/** Bytes as GiB, rounded down to two decimals. */
export const toGib = (bytes: number): number => Math.floor((bytes / GIB) * 100) / 100;
