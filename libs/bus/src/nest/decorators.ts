import { UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { Broadcast, Call, Cast, Contract } from '@scoria/contracts';
import type { Handle } from '../server/handlers.js';
import { RethrowFilter } from './rethrow.filter.js';

/** Marks the handlers that a BusServer takes, beside any other transport in the same application. */
export const BUS_TRANSPORT = Symbol('scoria.bus');

/** Decorates a method that may leave out parameters it does not need. */
type HandlerDecorator<B extends object, R> = <H extends Handle<B, R>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<H>,
) => void;

/** The method handles a cast: `(body, context) => Promise<void>`. */
export function HandleCast<B extends object>(contract: Cast<B>): HandlerDecorator<B, void> {
  return handler(EventPattern<string>(contract.name, BUS_TRANSPORT, extrasOf(contract)));
}

/** The method answers a call: `(body, context) => Promise<reply>`. */
export function HandleCall<B extends object, R extends object>(contract: Call<B, R>): HandlerDecorator<B, R> {
  return handler(MessagePattern(contract.name, BUS_TRANSPORT, extrasOf(contract)));
}

/** The method hears a broadcast: `(body, context) => Promise<void>`. */
export function HandleBroadcast<B extends object>(contract: Broadcast<B>): HandlerDecorator<B, void> {
  return handler(EventPattern<string>(contract.name, BUS_TRANSPORT, extrasOf(contract)));
}

export interface BusExtras {
  contract: Contract;
}

function extrasOf(contract: Contract): BusExtras {
  return { contract };
}

function handler(pattern: MethodDecorator): HandlerDecorator<object, object | void> {
  return (target, key, descriptor) => {
    // Without these Nest hands over the body alone.
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
    UseFilters(new RethrowFilter())(target, key, descriptor);
    pattern(target, key, descriptor);
  };
}
