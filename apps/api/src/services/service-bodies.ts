import { Field } from '../validation/field.js';
import { oneOf, text } from '../validation/rules.js';

const BINARIES = ['cinder-volume', 'cinder-scheduler', 'cinder-backup', 'cinder-api'];

/** Enable and disable. Old clients say `service` for the binary. */
export class ServiceBody {
  @Field(text(255, 1), { required: true })
  host!: string;

  @Field(oneOf(...BINARIES))
  binary?: string;

  @Field(oneOf(...BINARIES))
  service?: string;
}

export class DisableReasonBody implements ServiceBody {
  @Field(text(255, 1), { required: true })
  host!: string;

  @Field(oneOf(...BINARIES))
  binary?: string;

  @Field(oneOf(...BINARIES))
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
