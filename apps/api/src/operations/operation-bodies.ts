import { Field } from '../validation/field.js';
import { bool, text } from '../validation/rules.js';

/** `POST /scoria/v1/operations/{id}/abandon`, which may come without one. */
export class AbandonBody {
  @Field(text(255))
  reason?: string;

  @Field(bool)
  forget?: boolean;
}
