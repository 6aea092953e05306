import { Get, Inject } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { readMetadata } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';

/** No volume is encrypted; clients (Nova at each attachment) ask all the same. */
@Resource('volumes')
export class VolumeEncryptionController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get(':id/encryption')
  async show(@TheCall() call: Call): Promise<object> {
    await this.mustExist(call);
    return { encryption_key_id: null };
  }

  @Get(':id/encryption/:key')
  async one(@TheCall() call: Call): Promise<never> {
    await this.mustExist(call);
    throw new Fault('notFound', 'The volume is not encrypted.');
  }

  private async mustExist(call: Call): Promise<void> {
    await readMetadata(this.deps.database, 'volumes', call.uuid('id', 'Volume'), call.scope);
  }
}
