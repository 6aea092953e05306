import { Field } from '../validation/field.js';
import { name, object, oneOf, text, uuid } from '../validation/rules.js';

/** `POST /attachments` (cinder-map §8.5). */
export class CreateAttachmentBody {
  @Field(uuid, { required: true })
  volume_uuid!: string;

  @Field(uuid, { nullable: true })
  instance_uuid?: string | null;

  @Field(object, { nullable: true })
  connector?: Record<string, unknown> | null;

  @Field(oneOf('rw', 'ro'), { since: '3.54' })
  mode?: 'rw' | 'ro';
}

/** `PUT /attachments/{id}`. */
export class UpdateAttachmentBody {
  @Field(object, { required: true })
  connector!: Record<string, unknown>;
}

/** os-initialize_connection. */
export class InitializeConnectionBody {
  @Field(object, { required: true })
  connector!: Record<string, unknown>;
}

/** os-terminate_connection; without a connector every connection ends. */
export class TerminateConnectionBody {
  @Field(object, { required: true, nullable: true })
  connector!: Record<string, unknown> | null;
}

/** os-attach. */
export class AttachBody {
  @Field(text(255, 1), { required: true })
  mountpoint!: string;

  @Field(uuid, { nullable: true })
  instance_uuid?: string | null;

  @Field(name(), { nullable: true })
  host_name?: string | null;

  @Field(oneOf('rw', 'ro'))
  mode?: 'rw' | 'ro';
}

/** os-detach, whose whole value may be null. */
export class DetachBody {
  @Field(uuid, { nullable: true })
  attachment_id?: string | null;
}

/** os-force_detach. */
export class ForceDetachBody {
  @Field(uuid, { nullable: true })
  attachment_id?: string | null;

  @Field(object, { nullable: true })
  connector?: Record<string, unknown> | null;
}
