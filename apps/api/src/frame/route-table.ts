import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { POLICY } from '../policy/policy.js';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';

/** A handler method of a controller and the route it serves, without `/v3` and project. */
export interface RouteEntry {
  controller: object;
  method: string;
  /** `GET /volumes/:id`. */
  route: string;
}

/** Throws when a route or an action would serve anybody because nobody wrote down whom it is for. */
export function assertPolicies(routes: readonly string[]): void {
  const missing = routes.filter((route) => POLICY[route] === undefined);
  if (missing.length > 0) throw new Error(`routes without policy: ${missing.join('; ')}`);
}

/** All routes of the given controllers, as declared. */
export function routesOf(controllers: readonly (new (...args: never[]) => object)[]): RouteEntry[] {
  return controllers.flatMap((controller) => {
    const base = firstOf(Reflect.getMetadata(PATH_METADATA, controller) as string | string[]);
    const prototype = controller.prototype as Record<string, object>;
    return methodNames(prototype)
      .filter((name) => Reflect.hasMetadata(METHOD_METADATA, prototype[name]!))
      .map((name) => ({ controller, method: name, route: routeOf(base, prototype[name]!) }));
  });
}

/** `METHOD /path` of a handler, as the policy table names it. */
export function routeOf(controllerPath: string, handler: object): string {
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod];
  const path = firstOf(Reflect.getMetadata(PATH_METADATA, handler) as string | string[]);
  const parts = [controllerPath.replace(/^v3\//, ''), path].filter((part) => part !== '' && part !== '/');
  return `${method} /${parts.join('/')}`;
}

export const controllerPathOf = (controller: object): string =>
  firstOf(Reflect.getMetadata(PATH_METADATA, controller) as string | string[]);

const firstOf = (path: string | string[]): string => (Array.isArray(path) ? path[0]! : path);

/** Inherited ones too. */
function methodNames(prototype: object): string[] {
  const names = Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
  const parent = Object.getPrototypeOf(prototype) as object | null;
  return parent === null || parent === Object.prototype
    ? names
    : [...new Set([...names, ...methodNames(parent)])];
}
