import { Field, Open } from '../validation/field.js';
import { object, uuid } from '../validation/rules.js';
import type { FieldRule } from '../validation/field.js';

/** One id or a list of them. */
const uuids: FieldRule = {
  check: (value) => {
    const ids: unknown[] = Array.isArray(value) ? value : [value];
    if (ids.length > 100) return 'names more than 100 volumes';
    return ids.map((id) => uuid.check(id)).find((reason) => reason !== undefined);
  },
};

/** Where the hints stand beside `volume` in a body. */
export const HINTS_KEY = 'OS-SCH-HNT:scheduler_hints';

/** What a user tells the scheduler. Keys that no filter knows are passed on to those of the operator. */
@Open()
export class SchedulerHints {
  @Field(uuid, { nullable: true })
  local_to_instance?: string | null;

  @Field(uuids, { nullable: true })
  different_host?: string | string[] | null;

  @Field(uuids, { nullable: true })
  same_host?: string | string[] | null;

  @Field(object, { nullable: true })
  query?: Record<string, unknown> | null;
}
