import { Field, Open, type FieldRule } from '../validation/field.js';
import { bool, lengthOf, name, text } from '../validation/rules.js';
import { isObject, show } from '../validation/read-body.js';

const SPEC_KEY = /^[a-zA-Z0-9-_:.]{1,255}$/;
const MAX_SPECS = 256;

/** Why a spec is refused, or undefined (cinder-map §8.5). */
export function specFlaw(key: string, value: unknown, nullable = false): string | undefined {
  if (!SPEC_KEY.test(key)) return `Additional properties are not allowed ('${show(key)}' was unexpected)`;
  if (nullable && value === null) return undefined;
  if (typeof value !== 'string') return `${show(value)} is not of type 'string'`;
  return lengthOf(value) > 255 ? `${show(value)} is too long` : undefined;
}

/** A map of extra specs. */
export const specs = (nullable = false): FieldRule => ({
  check: (value) => {
    if (!isObject(value)) return `${show(value)} is not of type 'object'`;
    const entries = Object.entries(value);
    if (entries.length > MAX_SPECS) return `${entries.length} is more than ${MAX_SPECS} specs`;
    return entries.map(([key, item]) => specFlaw(key, item, nullable)).find((flaw) => flaw !== undefined);
  },
});

/** `POST /types` (cinder-map §8.5). */
export class CreateTypeBody {
  @Field(name(1), { required: true })
  name!: string;

  @Field(text(), { nullable: true })
  description?: string | null;

  @Field(specs(true), { nullable: true })
  extra_specs?: Record<string, string | null> | null;

  @Field(bool)
  'os-volume-type-access:is_public'?: boolean;
}

/** `PUT /types/{id}`. */
export class UpdateTypeBody {
  @Field(name(), { nullable: true })
  name?: string | null;

  @Field(text(), { nullable: true })
  description?: string | null;

  @Field(bool, { nullable: true })
  is_public?: boolean | null;
}

/** `POST /types/{id}/extra_specs`. */
@Open()
export class ExtraSpecsBody {
  @Field(specs(), { required: true })
  extra_specs!: Record<string, string>;
}

/** addProjectAccess and removeProjectAccess. */
export class ProjectAccessBody {
  @Field(text(255, 1), { required: true })
  project!: string;
}
