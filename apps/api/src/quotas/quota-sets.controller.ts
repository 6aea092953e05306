import { Delete, Get, HttpCode, Inject, Put } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import {
  clearQuotaLimits,
  lockUsage,
  quotaClass,
  quotaSet,
  quotaUse,
  setQuotaLimits,
  type Limits,
  type Tx,
} from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { Mutations } from '../mutations/mutations.js';
import { readLimits, refuseUnknownResources } from './quota-body.js';
import { withId } from './with-id.js';

/** `/os-quota-sets` (cinder-map §1.9). */
@Resource('os-quota-sets')
export class QuotaSetsController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Get(':id')
  async show(@TheCall() call: Call): Promise<string> {
    const projectId = targetOf(call);
    const set = await quotaSet(this.deps.database, { projectId, viewer: call.scope }, call.flag('usage'));
    return `{"quota_set":${withId(projectId, set)}}`;
  }

  @Get(':id/defaults')
  async defaults(@TheCall() call: Call): Promise<string> {
    const projectId = targetOf(call);
    const set = await quotaClass(this.deps.database, 'default', call.scope);
    return `{"quota_set":${withId(projectId, set)}}`;
  }

  /** A limit below what is used is refused, unless `skip_validation=true` asks for it. */
  @Put(':id')
  update(@TheCall() call: Call): Promise<string | undefined> {
    const projectId = targetOf(call);
    const limits = readLimits(call, 'quota_set', { least: 1 });
    return this.mutations.mutate(call, async (tx) => {
      await refuseUnknownResources(tx, limits);
      if (!call.flag('skip_validation')) await refuseBelowUse(tx, projectId, limits);
      await setQuotaLimits(tx, projectId, limits);
      const set = await quotaSet(tx, { projectId, viewer: call.scope }, false);
      const payload = { limits: await ofWhatItSees(tx, projectId, limits) };
      const events = [{ type: 'quota.update' as const, resourceId: null, projectId, payload }];
      return { status: 200, body: `{"quota_set":${set}}`, events };
    });
  }

  @Delete(':id')
  @HttpCode(200)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    const projectId = targetOf(call);
    return this.mutations.mutate(call, async (tx) => {
      await clearQuotaLimits(tx, projectId);
      return { status: 200, events: [{ type: 'quota.reset', resourceId: null, projectId }] };
    });
  }
}

/** Other projects' quotas concern administrators alone. */
function targetOf(call: Call): string {
  const projectId = call.param('id');
  if (call.scope !== null && projectId !== call.scope) {
    throw new Fault('forbidden', "Policy doesn't allow volume_extension:quotas:show to be performed.");
  }
  return projectId;
}

/** Without those of types that are hidden from the project: the event is the project's. */
async function ofWhatItSees(tx: Tx, projectId: string, limits: Limits): Promise<Limits> {
  const seen = JSON.parse(await quotaSet(tx, { projectId, viewer: projectId }, false)) as object;
  return Object.fromEntries(Object.entries(limits).filter(([resource]) => Object.hasOwn(seen, resource)));
}

/** Usage is locked first: nothing grows between the look and the limit. */
async function refuseBelowUse(tx: Tx, projectId: string, limits: Limits): Promise<void> {
  await lockUsage(tx, projectId);
  const used = await quotaUse(tx, projectId);
  const low = Object.entries(limits).find(([resource, limit]) => limit >= 0 && limit < (used[resource] ?? 0));
  if (low) {
    throw new Fault(
      'badRequest',
      `Quota limit must be equal or greater than existing resources: ${low[0]} uses ${used[low[0]]}.`,
    );
  }
}
