import { Delete, Get, HttpCode, Inject, Post, Put } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import {
  TYPES,
  lockType,
  readExtraSpecs,
  setExtraSpecs,
  type ExtraSpecs,
  type LockedType,
} from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { Mutations } from '../mutations/mutations.js';
import { invalid, isObject, readBody } from '../validation/read-body.js';
import { refuseContradiction, refuseWhileInUse } from './spec-rules.js';
import { ExtraSpecsBody, specFlaw } from './type-bodies.js';
import { typeEvent } from './type-event.js';

/** `/types/{id}/extra_specs` (cinder-map §1.6). */
@Resource('types/:id/extra_specs')
export class ExtraSpecsController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Get()
  async list(@TheCall() call: Call): Promise<object> {
    return { extra_specs: await this.read(call) };
  }

  @Get(':key')
  async show(@TheCall() call: Call): Promise<object> {
    const key = call.param('key');
    const specs = await this.read(call);
    if (!Object.hasOwn(specs, key)) throw noSuchSpec(typeOf(call), key);
    return { [key]: specs[key] };
  }

  @Post()
  @HttpCode(200)
  create(@TheCall() call: Call): Promise<string | undefined> {
    const { extra_specs: added } = readBody(call, null, ExtraSpecsBody);
    return this.change(call, ({ extraSpecs }) => ({ ...extraSpecs, ...added }), { extra_specs: added });
  }

  @Put(':key')
  update(@TheCall() call: Call): Promise<string | undefined> {
    const added = readOne(call, call.param('key'));
    return this.change(call, ({ extraSpecs }) => ({ ...extraSpecs, ...added }), added);
  }

  @Delete(':key')
  @HttpCode(202)
  remove(@TheCall() call: Call): Promise<string | undefined> {
    const key = call.param('key');
    return this.change(call, ({ id, extraSpecs }) => {
      if (!Object.hasOwn(extraSpecs, key)) throw noSuchSpec(id, key);
      const { [key]: _, ...rest } = extraSpecs;
      return rest;
    });
  }

  private read(call: Call): Promise<ExtraSpecs> {
    const { isAdmin } = call.context;
    return readExtraSpecs(this.deps.database, typeOf(call), { projectId: call.scope, isAdmin });
  }

  /** Answers 200 with `echo`, or 202 without one. */
  private change(
    call: Call,
    next: (type: LockedType) => ExtraSpecs,
    echo?: object,
  ): Promise<string | undefined> {
    return this.mutations.mutate(call, async (tx) => {
      const type = await lockType(tx, typeOf(call));
      refuseWhileInUse(type);
      const specs = next(type);
      refuseContradiction(specs);
      await setExtraSpecs(tx, type.id, specs);
      const events = [typeEvent('volume_type.update', type.id, { changed: ['extra_specs'] })];
      return echo === undefined ? { events } : { status: 200, body: echo, events };
    });
  }
}

const typeOf = (call: Call): string => call.uuid('id', TYPES.kind);

/** The body of a PUT is the one spec that its URL names. */
function readOne(call: Call, key: string): Record<string, string> {
  const { body } = call;
  if (!isObject(body) || Object.keys(body).length !== 1 || !Object.hasOwn(body, key)) {
    throw new Fault(
      'badRequest',
      'Request body and URI mismatch: the body must hold the one key of the URI.',
    );
  }
  const flaw = specFlaw(key, body[key]);
  if (flaw !== undefined) throw invalid(key, body[key], flaw);
  return { [key]: body[key] as string };
}

const noSuchSpec = (id: string, key: string): Fault =>
  new Fault('notFound', `Volume Type ${id} has no extra specs with key ${key.slice(0, 255)}.`);
