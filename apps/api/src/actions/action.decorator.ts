import 'reflect-metadata';
import { declareGate } from '../microversion/gates.js';
import { minorOf, type Version } from '../microversion/microversion.js';

const ACTIONS = Symbol('scoria.actions');

export interface ActionOptions {
  /** 404 with an empty message below it, as if the action were not there. */
  since?: Version;
}

export interface DeclaredAction {
  key: string;
  method: string;
  /** The least minor version. */
  since: number;
}

/**
 * The method serves `POST …/{id}/action` for bodies whose single key is `key`. It is called with the `Call`, the row's
 * id and the value under the key, and answers the body or nothing; the status is 202 unless it says otherwise
 * (`call.respondWith`).
 */
export function Action(key: string, options: ActionOptions = {}): MethodDecorator {
  return (target, method) => {
    if (options.since) declareGate(options.since, `action ${key}`);
    const since = options.since ? minorOf(options.since) : 0;
    const actions = Reflect.getOwnMetadata(ACTIONS, target) as DeclaredAction[] | undefined;
    Reflect.defineMetadata(ACTIONS, [...(actions ?? []), { key, method: String(method), since }], target);
  };
}

export function actionsOf(type: object): DeclaredAction[] {
  return (Reflect.getMetadata(ACTIONS, (type as { prototype: object }).prototype) ?? []) as DeclaredAction[];
}
