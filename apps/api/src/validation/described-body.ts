import { Field } from './field.js';
import { name, text } from './rules.js';

/** A body that names and describes something, by today's keys or by those of Block Storage v1. */
export class DescribedBody {
  @Field(name(), { nullable: true })
  name?: string | null;

  @Field(name(), { nullable: true })
  display_name?: string | null;

  @Field(text(), { nullable: true })
  description?: string | null;

  @Field(text(), { nullable: true })
  display_description?: string | null;
}

/** What of both is given. The older keys count where the newer ones are missing (Cinder behaviour). */
export function descriptionOf(body: DescribedBody): { name?: string | null; description?: string | null } {
  const name = body.name === undefined ? body.display_name : body.name;
  const description = body.description === undefined ? body.display_description : body.description;
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}
