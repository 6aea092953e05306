import { createHmac } from 'node:crypto';

export interface Signed {
  'webhook-id': string;
  'webhook-timestamp': string;
  'webhook-signature': string;
}

/**
 * The headers of the Standard Webhooks specification, version 1: HMAC-SHA-256 over `id.timestamp.body`, in base64.
 *
 * @param id the same for each try of one delivery
 * @param seconds of the Unix epoch; receivers refuse what is too old
 */
export function signed(key: Buffer, id: string, seconds: number, body: string): Signed {
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,${signature}`,
  };
}
