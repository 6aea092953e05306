import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registry for IPv4: whatever does not lead to a host of the public internet. */
const SPECIAL_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** IPv6's unicast addresses that are given out are all in here. */
const GLOBAL_IPV6 = ['2000::', 3] as const;

/** Of those: protocols (Teredo, ORCHID, benchmarks), documentation, 6to4. They embed or stand for other addresses. */
const SPECIAL_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const IPV4_MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Says which addresses may be connected to on behalf of tenants: public ones, and those of the networks that the operator
 * allows. What is inside (the database, the cloud's metadata service, other tenants) is not theirs to reach.
 */
export class AddressGuard {
  private readonly special = new BlockList();
  private readonly global = new BlockList();
  private readonly allowed = new BlockList();

  /** @param networks CIDRs that are allowed beside public addresses */
  constructor(networks: readonly string[]) {
    for (const [address, prefix] of SPECIAL_IPV4) this.special.addSubnet(address, prefix, 'ipv4');
    for (const [address, prefix] of SPECIAL_IPV6) this.special.addSubnet(address, prefix, 'ipv6');
    this.global.addSubnet(...GLOBAL_IPV6, 'ipv6');
    for (const network of networks) {
      const parsed = parseNetwork(network);
      if (!parsed) throw new Error(`${network} is no network`);
      this.allowed.addSubnet(parsed.address, parsed.prefix, parsed.family);
    }
  }

  /** @param address an IPv4 or IPv6 address; anything else is refused */
  allows(address: string): boolean {
    const plain = IPV4_MAPPED.exec(address)?.[1] ?? address;
    const version = isIP(plain);
    if (version === 0) return false;
    const family = version === 4 ? 'ipv4' : 'ipv6';
    if (this.allowed.check(plain, family)) return true;
    if (this.special.check(plain, family)) return false;
    return version === 4 || this.global.check(plain, family);
  }
}

export interface Network {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

/** `address/prefix`, or undefined when it is none. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', digits = ''] = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(text) ?? [];
  const version = isIP(address);
  const prefix = Number(digits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
