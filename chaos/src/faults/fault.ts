import type { Field } from '../field/field.js';
import type { Random } from '../random.js';

/** One way in which a part of the world fails, and mends by itself after a while. */
export interface Fault {
  /** As given to `--only`. */
  name: string;
  /** What happens, in one line. */
  what: string;
  /** Seconds that it lasts: at least, at most. */
  seconds: readonly [number, number];
  /** Part of the two-minute slice. */
  slice: boolean;
  /** Operations may fail by it, with a message that says so. All others cost time only. */
  excuses: boolean;
  /** What a machine must have for it, where not every one has. */
  needs?: string;
  /** Names of what it can be done to, at this moment. None: not possible on this machine. */
  aims(field: Field): readonly string[];
  /** Of which storage host an aim is; left out or undefined for what is of none, such as the database. */
  hostOf?(aim: string, field: Field): string | undefined;
  /** What nothing else may be done to meanwhile. The aim itself unless told. */
  claims?(aim: string, field: Field): readonly string[];
  /** Does it; resolves when it is done. Answers how to undo it. */
  inflict(field: Field, aim: string, strike: Strike): Promise<Heal>;
}

export interface Strike {
  chance: Random;
}

/** Resolves when all is as before; what had to be started again may still be getting ready. */
export type Heal = () => Promise<void>;

/** The storage host of a service, or of a link that begins at one. */
export const hostOfService = (aim: string, field: Field): string | undefined =>
  field.storageHosts.find(({ name }) => name === aim.split(' → ')[0])?.host;

/** A host's volume service has the same number. */
export const serviceOf = (field: Field, host: string): string =>
  field.storageHosts.find((member) => member.host === host)!.name;
