import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { holdVolume, lockVolume, releaseHold, type LockedVolume, type NewEvent } from '@scoria/store';
import { Action } from '../../actions/action.decorator.js';
import type { Call } from '../../frame/call.js';
import { Mutations, type Outcome } from '../../mutations/mutations.js';

const HELD = { reserve: 'volume.reserve', detach: 'volume.begin_detaching' } as const;
const RELEASED = { reserve: 'volume.unreserve', detach: 'volume.roll_detaching' } as const;

/** A client says that it is about to attach or detach (cinder-map §3.2). The hold is a row's, not only a status. */
@Injectable()
export class HoldActions {
  constructor(@Inject(Mutations) private readonly mutations: Mutations) {}

  @Action('os-reserve')
  reserve(call: Call, id: string): Promise<string | undefined> {
    return this.hold(call, id, 'reserve', ({ status, multiattach, attachments }) =>
      multiattach
        ? status === 'available' || status === 'in-use'
        : status === 'available' && attachments === 0,
    );
  }

  @Action('os-unreserve')
  unreserve(call: Call, id: string): Promise<string | undefined> {
    return this.release(call, id, 'reserve');
  }

  @Action('os-begin_detaching')
  beginDetaching(call: Call, id: string): Promise<string | undefined> {
    return this.hold(
      call,
      id,
      'detach',
      ({ status, attachStatus }) => status === 'in-use' && attachStatus === 'attached',
    );
  }

  @Action('os-roll_detaching')
  rollDetaching(call: Call, id: string): Promise<string | undefined> {
    return this.release(call, id, 'detach');
  }

  private hold(
    call: Call,
    id: string,
    hold: 'reserve' | 'detach',
    allowed: (volume: LockedVolume) => boolean,
  ): Promise<string | undefined> {
    return this.mutations.mutate(call, async (tx): Promise<Outcome> => {
      const volume = await lockVolume(tx, id, call.scope);
      if (volume.operationId !== null || !allowed(volume)) throw notNow(volume, hold);
      await holdVolume(tx, id, hold, call.context.userId);
      return { events: [eventOf(volume, HELD[hold])] };
    });
  }

  /** Nothing happens when the volume is not held so (Cinder behaviour). */
  private release(call: Call, id: string, hold: 'reserve' | 'detach'): Promise<string | undefined> {
    return this.mutations.mutate(call, async (tx): Promise<Outcome> => {
      const volume = await lockVolume(tx, id, call.scope);
      if (volume.hold !== hold) return {};
      await releaseHold(tx, id);
      return { events: [eventOf(volume, RELEASED[hold])] };
    });
  }
}

const eventOf = ({ id, projectId }: LockedVolume, type: NewEvent['type']): NewEvent => ({
  type,
  resourceId: id,
  projectId,
});

function notNow({ status, attachStatus }: LockedVolume, hold: 'reserve' | 'detach'): Fault {
  const wanted =
    hold === 'reserve'
      ? 'available, or in-use when it is multiattach'
      : 'in-use and its attach status attached';
  return new Fault(
    'badRequest',
    `Invalid volume: Volume status must be ${wanted}, but the current status is ${status} (${attachStatus}).`,
  );
}
