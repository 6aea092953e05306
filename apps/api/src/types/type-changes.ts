import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { TYPES, changeType, insertType, lockType, removeType, type TypeChanges } from '@scoria/store';
import type { Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Lists } from '../lists/lists.js';
import { Mutations } from '../mutations/mutations.js';
import { readBody } from '../validation/read-body.js';
import { CreateTypeBody, UpdateTypeBody } from './type-bodies.js';
import { refuseContradiction } from './spec-rules.js';
import { typeEvent } from './type-event.js';

/** Makes, changes and removes volume types (cinder-map §1.6). */
@Injectable()
export class TypeChangesService {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  create(call: Call): Promise<string | undefined> {
    const body = readBody(call, 'volume_type', CreateTypeBody);
    const extraSpecs = body.extra_specs ?? {};
    refuseContradiction(extraSpecs);
    return this.mutations.mutate(call, async (tx) => {
      const id = await insertType(tx, {
        name: body.name,
        description: body.description ?? null,
        isPublic: body['os-volume-type-access:is_public'] ?? true,
        extraSpecs,
      });
      if (id === undefined) throw nameTaken(body.name);
      return {
        status: 200,
        body: await this.lists.show(call, TYPES, 'volume_type', id, { tx }),
        events: [typeEvent('volume_type.create', id)],
      };
    });
  }

  update(call: Call, id: string): Promise<string | undefined> {
    const changes = readChanges(readBody(call, 'volume_type', UpdateTypeBody));
    return this.mutations.mutate(call, async (tx) => {
      const type = await lockType(tx, id);
      if (!(await changeType(tx, type, changes))) throw nameTaken(changes.name!);
      return {
        status: 200,
        body: await this.lists.show(call, TYPES, 'volume_type', id, { tx }),
        events: [typeEvent('volume_type.update', id, { changed: Object.keys(changes) })],
      };
    });
  }

  remove(call: Call, id: string): Promise<string | undefined> {
    return this.mutations.mutate(call, async (tx) => {
      const type = await lockType(tx, id);
      if (type.last) {
        throw new Fault('badRequest', `The volume type ${id} is the only volume type and cannot be deleted.`);
      }
      if (type.name === this.deps.config.api.defaultVolumeType) {
        throw new Fault('badRequest', `The volume type ${id} is the default and cannot be deleted.`);
      }
      if (type.inUse) throw new Fault('badRequest', 'Target volume type is still in use.');
      await removeType(tx, type);
      return { events: [typeEvent('volume_type.delete', id, { name: type.name })] };
    });
  }
}

function readChanges({ name, description, is_public: isPublic }: UpdateTypeBody): TypeChanges {
  const absent = (value: unknown): boolean => value === undefined || value === null;
  if (absent(name) && absent(description) && absent(isPublic)) {
    throw new Fault(
      'badRequest',
      'Specify volume type name, description, is_public or a combination thereof.',
    );
  }
  if (name === '') throw new Fault('badRequest', 'Volume type name can not be empty.');
  return {
    ...(absent(name) ? {} : { name: name! }),
    ...(absent(description) ? {} : { description: description! }),
    ...(absent(isPublic) ? {} : { isPublic: isPublic! }),
  };
}

const nameTaken = (name: string): Fault => new Fault('conflict', `Volume Type ${name} already exists.`);
