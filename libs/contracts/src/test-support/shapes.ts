import 'reflect-metadata';
import { getMetadataStorage } from 'class-validator';
import type { Contract } from '../contract.js';
import * as contracts from '../index.js';

/** What a property must be: the names and bounds of its rules. */
export type Rules = string[];

export interface ContractShape {
  kind: Contract['kind'];
  body: Record<string, Rules>;
  reply?: Record<string, Rules>;
}

/** A property that a sender of the same version may leave out. */
export const OPTIONAL = 'isOptional';

/** Every contract of this package as data, by `name/version`. */
export function contractShapes(): Record<string, ContractShape> {
  const all = Object.values(contracts as Record<string, unknown>).filter(isContract);
  return Object.fromEntries(
    all.map((contract) => [`${contract.name}/${contract.version}`, shapeOf(contract)]),
  );
}

function isContract(value: unknown): value is Contract {
  return (
    typeof value === 'object' && value !== null && 'kind' in value && 'version' in value && 'body' in value
  );
}

function shapeOf(contract: Contract): ContractShape {
  return {
    kind: contract.kind,
    body: rulesOf(contract.body),
    ...(contract.kind === 'call' ? { reply: rulesOf(contract.reply) } : {}),
  };
}

/** The rules of a body, sorted. */
export function rulesOf(type: new () => object): Record<string, Rules> {
  const rules: Record<string, Rules> = {};
  for (const rule of getMetadataStorage().getTargetValidationMetadatas(type, '', false, false)) {
    const bounds = ((rule.constraints ?? []) as unknown[])
      .filter((bound) => typeof bound !== 'function' && bound !== undefined)
      .map((bound) => JSON.stringify(bound));
    const text = [rule.name ?? rule.type, ...bounds].join(' ');
    (rules[rule.propertyName] ??= []).push(rule.each ? `each ${text}` : text);
  }
  for (const list of Object.values(rules)) list.sort();
  return Object.fromEntries(Object.entries(rules).sort(([a], [b]) => (a < b ? -1 : 1)));
}
