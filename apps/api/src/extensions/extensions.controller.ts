import { Get } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { TheCall, type Call } from '../frame/call.js';
import { Resource } from '../frame/resource.decorator.js';
import { EXTENSIONS } from './extensions.js';

/** `/extensions` (cinder-map §1.13). */
@Resource('extensions')
export class ExtensionsController {
  @Get()
  list(): object {
    return { extensions: EXTENSIONS };
  }

  @Get(':alias')
  show(@TheCall() call: Call): object {
    const alias = call.param('alias');
    const extension = EXTENSIONS.find((known) => known.alias === alias);
    if (!extension) throw new Fault('notFound', `No extension ${alias} is served.`);
    return { extension };
  }
}
