import { Controller } from '@nestjs/common';
import { HandleCall, MessageContext } from '@scoria/bus';
import {
  CapabilitiesReply,
  CapabilitiesRequest,
  ExaminationReply,
  ExaminationRequest,
  backendCapabilities,
  backendExamination,
} from '@scoria/contracts';
import { Fault, parseBackendAddress } from '@scoria/domain';
import { capabilitiesOf } from './capabilities.js';
import { Examiner } from './examiner.js';
import { Publishers } from './publishers.js';

/** The questions that a storage host answers. */
@Controller()
export class VolumeController {
  constructor(
    private readonly publishers: Publishers,
    private readonly examiner: Examiner,
  ) {}

  @HandleCall(backendCapabilities)
  async capabilities({ host }: CapabilitiesRequest, context: MessageContext): Promise<CapabilitiesReply> {
    const publisher = this.publishers.of(context.queue);
    if (!publisher) throw new Fault('notFound', `Host ${host} could not be found.`);
    const wanted = parseBackendAddress(host)?.pool;
    const pool = publisher.latest.find(({ poolName }) => wanted === undefined || poolName === wanted);
    return { capabilities: capabilitiesOf(host, pool) };
  }

  @HandleCall(backendExamination)
  examination({ limit }: ExaminationRequest, context: MessageContext): Promise<ExaminationReply> {
    return this.examiner.examine(context.queue, limit);
  }
}
