import { Inject, Injectable } from '@nestjs/common';
import { encryptionKey } from '@scoria/config';
import { Fault } from '@scoria/domain';
import { SecretBox } from '@scoria/store';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';

/** Opens what a storage host sealed: the password with which an initiator logs in. Never logged, never stored. */
@Injectable()
export class ChapSecrets {
  private readonly box: SecretBox | undefined;

  constructor(@Inject(API_DEPS) { config: { secrets } }: ApiDeps) {
    const given = secrets.key !== undefined || secrets.keyFile !== undefined;
    this.box = given ? new SecretBox(encryptionKey(secrets)) : undefined;
  }

  /** @throws Fault `internal` when this gateway has no key, or another one than the storage host */
  passwordOf(sealed: Buffer, attachmentId: string): string {
    try {
      if (!this.box) throw new Error('neither secrets.key nor secrets.keyFile is configured');
      return this.box.open<{ password: string }>(sealed, attachmentId).password;
    } catch (cause) {
      throw new Fault('internal', 'The connection cannot be shown.', { cause });
    }
  }
}
