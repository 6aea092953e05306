import { Field } from '../validation/field.js';
import { oneOf, text } from '../validation/rules.js';

/** Of whom log levels may be asked. */
const BINARIES = ['cinder-volume', 'cinder-scheduler', 'cinder-backup', 'cinder-api'];

/** Enable and disable: an unknown binary is one that is not found. Old clients say `service` for the binary. */
export class ServiceBody {
  @Field(text(255, 1), { required: true })
  host!: string;

  @Field(text(255, 1))
  binary?: string;

  @Field(text(255, 1))
  service?: string;
}

export class DisableReasonBody implements ServiceBody {
  @Field(text(255, 1), { required: true })
  host!: string;

  @Field(text(255, 1))
  binary?: string;

  @Field(text(255, 1))
  service?: string;

  @Field(text(255, 1), { required: true })
  disabled_reason!: string;
}

/** get-log and set-log; an empty value or `*` means all. */
export class LogLevelBody {
  @Field(oneOf(...BINARIES, '', '*'), { nullable: true })
  binary?: string | null;

  @Field(text(), { nullable: true })
  server?: string | null;

  @Field(text(), { nullable: true })
  prefix?: string | null;

  @Field(text(), { nullable: true })
  level?: string | null;
}
