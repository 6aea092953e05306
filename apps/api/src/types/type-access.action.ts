import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { addTypeAccess, lockType, removeTypeAccess, type Tx } from '@scoria/store';
import { Action } from '../actions/action.decorator.js';
import type { Call } from '../frame/call.js';
import { Mutations } from '../mutations/mutations.js';
import { readObject } from '../validation/read-body.js';
import { ProjectAccessBody } from './type-bodies.js';
import { typeEvent } from './type-event.js';

/** Which projects may use a private type. */
@Injectable()
export class TypeAccessActions {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  @Action('addProjectAccess')
  add(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { project } = readObject(call, 'addProjectAccess', value, ProjectAccessBody);
    return this.change(call, id, { project, access: true }, async (tx) => {
      if (!(await addTypeAccess(tx, id, project))) {
        throw new Fault('conflict', `Volume type access for ${id} / ${project} combination already exists.`);
      }
    });
  }

  @Action('removeProjectAccess')
  remove(call: Call, id: string, value: unknown): Promise<string | undefined> {
    const { project } = readObject(call, 'removeProjectAccess', value, ProjectAccessBody);
    return this.change(call, id, { project, access: false }, async (tx) => {
      if (!(await removeTypeAccess(tx, id, project))) {
        throw new Fault('notFound', `Volume type access not found for ${id} / ${project} combination.`);
      }
    });
  }

  private change(
    call: Call,
    id: string,
    tells: { project: string; access: boolean },
    work: (tx: Tx) => Promise<void>,
  ): Promise<string | undefined> {
    return this.mutations.mutate(call, async (tx) => {
      const { isPublic } = await lockType(tx, id);
      if (isPublic) {
        throw new Fault('badRequest', 'Type access modification is not applicable to public volume type.');
      }
      await work(tx);
      return { events: [typeEvent('volume_type.access', id, tells)] };
    });
  }
}
