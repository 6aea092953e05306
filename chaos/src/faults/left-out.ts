import type { Field } from '../field/field.js';
import type { Fault } from './fault.js';

/** A fault that is asked for and cannot be inflicted on this machine. */
export interface LeftOut {
  name: string;
  /** What this machine lacks. */
  needs: string;
}

/** Those of the faults that have nothing here to be done to. */
export const leftOutOf = (faults: readonly Fault[], field: Field): LeftOut[] =>
  faults
    .filter(({ aims }) => aims(field).length === 0)
    .map(({ name, needs = 'something that it can be done to' }) => ({ name, needs }));

/** The run would say nothing: what was asked for by name cannot be inflicted, or nothing was. */
export class NothingToSay extends Error {
  override name = 'NothingToSay';
}

/** @throws NothingToSay for what was asked for by name: a run without it would pass, and mean nothing */
export function refuseLeftOut(leftOut: readonly LeftOut[]): void {
  if (leftOut.length === 0) return;
  const each = leftOut.map(({ name, needs }) => `${name} needs ${needs}`);
  throw new NothingToSay(`not possible on this machine: ${each.join('; ')}`);
}
