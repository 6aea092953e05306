import { DescribedBody } from '../validation/described-body.js';
import { Field, OpenBelow } from '../validation/field.js';
import { anything, bool, integer, metadata, text, uuid } from '../validation/rules.js';

/** `POST /volumes` (cinder-map §8.5). */
@OpenBelow('3.53')
export class CreateVolumeBody extends DescribedBody {
  /** GiB. */
  @Field(integer(1), { nullable: true })
  size?: number | null;

  @Field(text(), { nullable: true })
  volume_type?: string | null;

  @Field(metadata(), { nullable: true })
  metadata?: Record<string, string> | null;

  @Field(uuid, { nullable: true })
  snapshot_id?: string | null;

  @Field(uuid, { nullable: true })
  source_volid?: string | null;

  @Field(uuid, { nullable: true })
  consistencygroup_id?: string | null;

  @Field(text(255, 1), { nullable: true })
  availability_zone?: string | null;

  @Field(bool, { nullable: true })
  multiattach?: boolean | null;

  @Field(text(), { nullable: true })
  image_id?: string | null;

  @Field(text(), { nullable: true })
  imageRef?: string | null;

  @Field(uuid, { nullable: true, since: '3.13' })
  group_id?: string | null;

  @Field(uuid, { nullable: true, since: '3.47' })
  backup_id?: string | null;

  /** Old clients send it; it never meant anything. */
  @Field(anything)
  attach_status?: unknown;

  @Field(anything)
  status?: unknown;

  @Field(anything)
  user_id?: unknown;

  @Field(anything)
  project_id?: unknown;
}

/** `PUT /volumes/{id}`: closed in every version, and null is no metadata (Cinder's schema). */
export class UpdateVolumeBody extends DescribedBody {
  @Field(metadata())
  metadata?: Record<string, string>;
}
