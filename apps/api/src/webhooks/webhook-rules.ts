import { Inject, Injectable } from '@nestjs/common';
import { AddressGuard, Fault, webhookUrlFlaw } from '@scoria/domain';
import type { WebhookChanges } from '@scoria/store';
import { readEventTypes } from '../events/event-query.js';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import type { UpdateWebhookBody } from './webhook-bodies.js';

/** What a webhook may be. */
@Injectable()
export class WebhookRules {
  private readonly guard: AddressGuard;

  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {
    this.guard = new AddressGuard(deps.config.webhooks.allowedNetworks);
  }

  /**
   * The parts of a body that are given, as they are kept.
   *
   * @throws Fault `badRequest`, or `forbidden` for a tenant who wants all projects' events
   */
  read(call: Call, body: Omit<UpdateWebhookBody, 'secret'>): Omit<WebhookChanges, 'sealedSecret'> {
    const { url, types, enabled, all_projects: allProjects } = body;
    if (allProjects === true && !call.context.isAdmin) {
      throw new Fault('forbidden', "Policy doesn't allow events of all projects to be delivered.");
    }
    const { allowHttp } = this.deps.config.webhooks;
    const flaw = url === undefined ? undefined : webhookUrlFlaw(url, { allowHttp, guard: this.guard });
    if (flaw !== undefined) throw new Fault('badRequest', `The URL cannot be delivered to: ${flaw}.`);
    return {
      ...(url === undefined ? {} : { url }),
      ...(types === undefined ? {} : { types: readEventTypes(types) }),
      ...(enabled === undefined ? {} : { enabled }),
      ...(allProjects === undefined ? {} : { allProjects }),
    };
  }
}
