import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import type { FastifyRequest } from 'fastify';
import { minorOf } from '../microversion/microversion.js';
import { sinceOf } from '../microversion/since.decorator.js';
import { enforce } from '../policy/enforce.js';
import { controllerPathOf, routeOf } from './route-table.js';

interface RouteRules {
  route: string;
  /** The least minor version. */
  since: number;
}

/** Before every handler: does the route exist in this microversion, and may the caller use it. */
@Injectable()
export class RouteGuard implements CanActivate {
  /** By controller and then by handler: controllers may share handlers by inheritance. */
  private readonly rules = new Map<object, Map<object, RouteRules>>();

  canActivate(context: ExecutionContext): boolean {
    const { call } = context.switchToHttp().getRequest<FastifyRequest>();
    if (!call) return true;
    const { route, since } = this.rulesOf(context);
    if (call.minor < since) throw new Fault('notFound', '');
    enforce(call, route);
    return true;
  }

  private rulesOf(context: ExecutionContext): RouteRules {
    const type = context.getClass();
    const handler = context.getHandler();
    const ofType = this.rules.get(type) ?? new Map<object, RouteRules>();
    this.rules.set(type, ofType);
    let rules = ofType.get(handler);
    if (!rules) {
      const since = sinceOf(handler, type);
      rules = { route: routeOf(controllerPathOf(type), handler), since: since ? minorOf(since) : 0 };
      ofType.set(handler, rules);
    }
    return rules;
  }
}
