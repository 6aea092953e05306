import { randomUUID } from 'node:crypto';
import { Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import {
  changeWebhook,
  feedEnds,
  insertWebhook,
  lockWebhook,
  readEvents,
  removeWebhook,
  replayWebhook,
  sealedSecretOf,
  showWebhook,
} from '@scoria/store';
import { placeOf } from '../events/event-query.js';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { OwnResource } from '../frame/resource.decorator.js';
import { Mutations } from '../mutations/mutations.js';
import { readBody } from '../validation/read-body.js';
import { CreateWebhookBody, ReplayBody, UpdateWebhookBody } from './webhook-bodies.js';
import { listOfWebhooks } from './webhook-list.js';
import { WebhookRules } from './webhook-rules.js';
import { WebhookSecrets } from './webhook-secrets.js';

/** `/scoria/v1/webhooks`: where events are delivered to (docs/events.md). */
@OwnResource('webhooks')
export class WebhooksController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
    @Inject(WebhookRules) private readonly rules: WebhookRules,
    @Inject(WebhookSecrets) private readonly secrets: WebhookSecrets,
  ) {}

  @Get()
  list(@TheCall() call: Call): Promise<string> {
    return listOfWebhooks(call, this.deps);
  }

  @Get(':id')
  async show(@TheCall() call: Call): Promise<object> {
    return { webhook: await showWebhook(this.deps.database, idOf(call), call.scope) };
  }

  /** The secret is shown here and nowhere else; a replay of this very request shows it again. */
  @Post()
  @HttpCode(201)
  create(@TheCall() call: Call): Promise<string | undefined> {
    const body = readBody(call, 'webhook', CreateWebhookBody);
    const { url = '', types = [], enabled = true, allProjects = false } = this.rules.read(call, body);
    const { projectId, userId } = call.context;
    const id = randomUUID();
    const sealedSecret = this.secrets.seal(body.secret ?? this.secrets.generate(), id);
    const limit = this.deps.config.webhooks.perProject;
    return this.mutations.mutate<{ id: string }>(
      call,
      async (tx) => {
        const { newest: cursor } = await feedEnds(tx);
        const webhook = { id, projectId, userId, url, types, allProjects, enabled, sealedSecret, cursor };
        if (!(await insertWebhook(tx, webhook, limit))) {
          throw new Fault('overLimit', `Maximum number of webhooks allowed (${limit}) exceeded.`);
        }
        return { pending: { id } };
      },
      { after: (made) => this.created(made.id) },
    );
  }

  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    const { secret, ...body } = readBody(call, 'webhook', UpdateWebhookBody);
    const changes = this.rules.read(call, body);
    const id = idOf(call);
    const sealed = secret === undefined ? {} : { sealedSecret: this.secrets.seal(secret, id) };
    return this.mutations.mutate(call, async (tx) => {
      await lockWebhook(tx, id, call.scope);
      await changeWebhook(tx, id, { ...changes, ...sealed });
      return { status: 200, body: { webhook: await showWebhook(tx, id, call.scope) } };
    });
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    const id = idOf(call);
    return this.mutations.mutate(call, async (tx) => {
      await lockWebhook(tx, id, call.scope);
      await removeWebhook(tx, id);
      return { status: 204 };
    });
  }

  @Post(':id/replay')
  @HttpCode(202)
  replay(@TheCall() call: Call): Promise<string | undefined> {
    const { after } = readBody(call, null, ReplayBody);
    const id = idOf(call);
    return this.mutations.mutate(call, async (tx) => {
      await lockWebhook(tx, id, call.scope);
      const cursor = await placeOf(tx, after);
      // Refuses a cursor behind which events are missing.
      await readEvents(tx, {
        after: cursor,
        limit: 1,
        filter: { projectId: call.context.projectId, types: [] },
      });
      await replayWebhook(tx, id, cursor);
      return { status: 202, body: { webhook: await showWebhook(tx, id, call.scope) } };
    });
  }

  /** The test takes the way of all events: a gateway that could reach the receiver would prove nothing. */
  @Post(':id/test')
  @HttpCode(202)
  test(@TheCall() call: Call): Promise<string | undefined> {
    const id = idOf(call);
    return this.mutations.mutate(call, async (tx) => {
      const { enabled, projectId } = await lockWebhook(tx, id, call.scope);
      if (!enabled) throw new Fault('conflict', `Webhook ${id} is disabled.`);
      return { status: 202, events: [{ type: 'webhook.test', resourceId: id, projectId }] };
    });
  }

  private async created(id: string): Promise<{ status: number; body: object; secret: true }> {
    const { database } = this.deps;
    const secret = this.secrets.open(await sealedSecretOf(database, id), id);
    const webhook = await showWebhook(database, id, null);
    return { status: 201, body: { webhook: { ...webhook, secret } }, secret: true };
  }
}

const idOf = (call: Call): string => call.uuid('id', 'Webhook');
