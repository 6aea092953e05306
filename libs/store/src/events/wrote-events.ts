import type { Tx } from '../database.js';

const written = new WeakSet<Tx>();

/** Notes that a transaction has written events, so that their readers are woken once it is committed. */
export const wroteEvents = (tx: Tx): void => void written.add(tx);

export const hasWrittenEvents = (tx: Tx): boolean => written.has(tx);
