import { isIP } from 'node:net';
import type { AddressGuard } from './address-guard.js';

export const MAX_WEBHOOK_URL = 2048;

export interface WebhookUrlRules {
  allowHttp: boolean;
  guard: AddressGuard;
}

/**
 * Why a webhook cannot have this URL, or undefined when it can. Names are not resolved: what they lead to is checked at
 * each delivery, when it counts.
 */
export function webhookUrlFlaw(text: string, { allowHttp, guard }: WebhookUrlRules): string | undefined {
  if (text.length > MAX_WEBHOOK_URL) return `it has more than ${MAX_WEBHOOK_URL} characters`;
  if (!URL.canParse(text)) return 'it is not a URL';
  const { protocol, username, password, hash, hostname } = new URL(text);
  if (protocol !== 'https:' && !(allowHttp && protocol === 'http:'))
    return `it must begin with https://${allowHttp ? ' or http://' : ''}`;
  if (username !== '' || password !== '') return 'it must not hold a user or a password';
  if (hash !== '') return 'it must not hold a fragment';
  // The parser has made 0x7f.1 and 2130706433 into 127.0.0.1.
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(address) !== 0 && !guard.allows(address)) return 'it leads to an address that is not public';
  return undefined;
}
