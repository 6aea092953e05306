import { readFileSync } from 'node:fs';
import { scryptSync } from 'node:crypto';
import { ConfigError } from './config-error.js';
import type { SecretsConfig } from './sections/secrets.config.js';

const KEY_BYTES = 32;
const LEAST_PASSPHRASE = 12;

/**
 * The 32-byte key for secrets in the database, from `secrets.key` or `secrets.keyFile`. All services of a cluster need
 * the same one. A passphrase is stretched by scrypt (tens of milliseconds): call once, at start. Throws `ConfigError`.
 */
export function encryptionKey(secrets: SecretsConfig): Buffer {
  if (secrets.key !== undefined) {
    const key = fromBase64(secrets.key);
    if (key) return key;
    throw new ConfigError(['secrets.key: must be 32 bytes in base64 (openssl rand -base64 32)']);
  }
  if (secrets.keyFile === undefined) throw new ConfigError(['secrets: give key or keyFile']);
  const content = readKeyFile(secrets.keyFile);
  const key = fromBase64(content);
  if (key) return key;
  if (content.length < LEAST_PASSPHRASE) {
    throw new ConfigError([`secrets.keyFile: holds less than ${LEAST_PASSPHRASE} characters`]);
  }
  // The salt is fixed: every host must derive the same key from the file alone.
  return scryptSync(content, 'scoria-secrets-v1', KEY_BYTES);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigError([`secrets.keyFile: cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}

function fromBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
