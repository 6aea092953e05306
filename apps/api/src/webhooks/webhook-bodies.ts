import { webhookKey } from '@scoria/domain';
import { Field, type FieldRule } from '../validation/field.js';
import { bool, text } from '../validation/rules.js';

/** A list of texts; what each may be is checked where it is read. */
const texts: FieldRule = {
  check: (value) =>
    Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? undefined
      : 'it must be a list of strings',
};

const secret: FieldRule = {
  check: (value) =>
    typeof value === 'string' && webhookKey(value) !== undefined
      ? undefined
      : "it must be 'whsec_' and 24 to 64 bytes in base64",
};

class WebhookBody {
  @Field(texts)
  types?: string[];

  @Field(secret)
  secret?: string;

  @Field(bool)
  enabled?: boolean;

  @Field(bool)
  all_projects?: boolean;
}

export class CreateWebhookBody extends WebhookBody {
  @Field(text(2048, 1), { required: true })
  url!: string;
}

export class UpdateWebhookBody extends WebhookBody {
  @Field(text(2048, 1))
  url?: string;
}

export class ReplayBody {
  @Field(text(64, 1), { required: true })
  after!: string;
}
