import 'reflect-metadata';
import { declareGate } from './gates.js';
import type { Version } from './microversion.js';

const SINCE = Symbol('scoria.since');

/** The route does not exist below this microversion: 404 with an empty message (Cinder behaviour). */
export function Since(version: Version): MethodDecorator & ClassDecorator {
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const of = typeof target === 'function' ? target.name : target.constructor.name;
    declareGate(version, key === undefined ? of : `${of}.${String(key)}`);
    Reflect.defineMetadata(SINCE, version, descriptor ? (descriptor.value as object) : target);
  };
}

/** The version that a method declares, or else its class. */
export function sinceOf(method: object, type: object): Version | undefined {
  return (Reflect.getMetadata(SINCE, method) ?? Reflect.getMetadata(SINCE, type)) as Version | undefined;
}
