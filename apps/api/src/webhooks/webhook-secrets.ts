import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { encryptionKey } from '@scoria/config';
import { Fault, WEBHOOK_SECRET_PREFIX } from '@scoria/domain';
import { SecretBox } from '@scoria/store';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';

const GENERATED_BYTES = 32;

/** Seals what deliveries are signed with. */
@Injectable()
export class WebhookSecrets {
  private readonly box: SecretBox | undefined;

  constructor(@Inject(API_DEPS) { config: { secrets } }: ApiDeps) {
    const given = secrets.key !== undefined || secrets.keyFile !== undefined;
    this.box = given ? new SecretBox(encryptionKey(secrets)) : undefined;
  }

  generate(): string {
    return `${WEBHOOK_SECRET_PREFIX}${randomBytes(GENERATED_BYTES).toString('base64')}`;
  }

  seal(secret: string, webhookId: string): Buffer {
    return this.opened.seal({ secret }, webhookId);
  }

  open(sealed: Buffer, webhookId: string): string {
    return this.opened.open<{ secret: string }>(sealed, webhookId).secret;
  }

  private get opened(): SecretBox {
    if (this.box) return this.box;
    throw new Fault('unavailable', 'This cloud keeps no secrets, and has no webhooks therefore.', {
      cause: new Error('neither secrets.key nor secrets.keyFile is configured'),
    });
  }
}
