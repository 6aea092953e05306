import { IsOptional } from 'class-validator';
import { Text } from '../fields.js';
import { Redactable, Secret } from '../redact.js';

/** The key that CHAP secrets are encrypted with in the database. Give `key` or `keyFile`. */
export class SecretsConfig extends Redactable {
  /** 32 bytes in base64 (`openssl rand -base64 32`). No default. */
  @IsOptional()
  @Text(64)
  @Secret()
  key?: string;

  /** Path of a file that holds 32 bytes in base64, or a passphrase of at least 12 characters. No default. */
  @IsOptional()
  @Text(4096)
  keyFile?: string;
}
