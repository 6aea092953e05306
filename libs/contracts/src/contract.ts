import type { ClassConstructor } from 'class-transformer';

/**
 * A contract is one thing that may cross the bus: a name, a version, and the class that validates its body.
 * Versions only grow; a receiver accepts its own version and older ones and refuses newer ones, so that
 * version N and N+1 of the services run side by side. A body class may gain optional fields within a version.
 */
interface ContractBase<B extends object> {
  readonly name: string;
  readonly version: number;
  readonly body: ClassConstructor<B>;
}

/** Fire and remember: persistent, confirmed, handled at least once. */
export interface Cast<B extends object> extends ContractBase<B> {
  readonly kind: 'cast';
}

/** A short question with a deadline; answered at most once. */
export interface Call<B extends object, R extends object> extends ContractBase<B> {
  readonly kind: 'call';
  readonly reply: ClassConstructor<R>;
}

/** Told to every listener that happens to be there; never stored. */
export interface Broadcast<B extends object> extends ContractBase<B> {
  readonly kind: 'broadcast';
}

export type Contract = Cast<object> | Call<object, object> | Broadcast<object>;

export function defineCast<B extends object>(
  name: string,
  version: number,
  body: ClassConstructor<B>,
): Cast<B> {
  return { kind: 'cast', name, version, body };
}

export function defineCall<B extends object, R extends object>(
  name: string,
  version: number,
  body: ClassConstructor<B>,
  reply: ClassConstructor<R>,
): Call<B, R> {
  return { kind: 'call', name, version, body, reply };
}

export function defineBroadcast<B extends object>(
  name: string,
  version: number,
  body: ClassConstructor<B>,
): Broadcast<B> {
  return { kind: 'broadcast', name, version, body };
}
