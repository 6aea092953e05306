/** As the Standard Webhooks specification writes secrets. */
export const WEBHOOK_SECRET_PREFIX = 'whsec_';

const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** The key in a secret `whsec_<base64 of 24 to 64 bytes>`; undefined for anything else. */
export function webhookKey(secret: string): Buffer | undefined {
  if (!secret.startsWith(WEBHOOK_SECRET_PREFIX)) return undefined;
  const text = secret.slice(WEBHOOK_SECRET_PREFIX.length);
  if (!/^[A-Za-z0-9+/]{1,96}={0,2}$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length >= LEAST_BYTES && key.length <= MOST_BYTES ? key : undefined;
}
