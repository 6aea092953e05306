import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from '@scoria/domain';
import { Agent } from 'undici';

/** The name of a receiver leads to where it must not be delivered to. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

export interface GuardedAgentOptions {
  guard: AddressGuard;
  /** Milliseconds to connect. */
  timeoutMs: number;
  /** `address:port` of name servers. Default: the system's. */
  nameServers?: readonly string[];
}

/** Of the whole answer's headers. */
const MAX_HEADER_BYTES = 16_384;

/** Milliseconds for which a connection waits for the next delivery. */
const KEEP_ALIVE_MS = 5000;

/**
 * Connects to addresses that the guard allows, and to none else. The name is resolved here, all of its addresses are
 * checked, and the connection goes to one of those: a name that means something else a moment later gains nothing.
 */
export function guardedAgent({ guard, timeoutMs, nameServers }: GuardedAgentOptions): Agent {
  return new Agent({
    connect: { lookup: guardedLookup(guard, timeoutMs, nameServers), timeout: timeoutMs },
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  });
}

/** By name servers alone: the system's own resolver has four threads, which one tenant's dead name servers could fill. */
function guardedLookup(
  guard: AddressGuard,
  timeoutMs: number,
  nameServers: readonly string[] | undefined,
): LookupFunction {
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 2), tries: 1 });
  if (nameServers) resolver.setServers(nameServers);
  return (hostname, options, callback) => {
    addressesOf(resolver, hostname)
      .then((addresses) => {
        const refused = addresses.find(({ address }) => !guard.allows(address));
        if (refused) throw new AddressRefused(`${hostname} leads to ${refused.address}`);
        const { family } = options;
        const usable = addresses.filter((found) => !family || found.family === Number(family));
        if (usable.length === 0) throw new Error(`${hostname} has no address`);
        if (options.all) callback(null, usable);
        else callback(null, usable[0]!.address, usable[0]!.family);
      })
      .catch((error: NodeJS.ErrnoException) => callback(error, options.all ? [] : ''));
  };
}

async function addressesOf(
  resolver: Resolver,
  hostname: string,
): Promise<{ address: string; family: number }[]> {
  // RFC 6761: name servers are not asked.
  if (/^(.+\.)?localhost\.?$/i.test(hostname)) return [{ address: '127.0.0.1', family: 4 }];
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
  const found = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (found.length === 0 && v4.status === 'rejected') throw v4.reason;
  return found;
}
