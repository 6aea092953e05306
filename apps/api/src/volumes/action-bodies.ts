import { Field } from '../validation/field.js';
import { anything, bool, integer, metadata, oneOf, text } from '../validation/rules.js';

/** Bodies of volume actions (cinder-map §1.1, §8.5). */
export class ExtendBody {
  /** GiB. */
  @Field(integer(1), { required: true })
  new_size!: number;
}

export class SetBootableBody {
  @Field(bool, { required: true })
  bootable!: boolean;
}

export class UpdateReadonlyBody {
  @Field(bool, { required: true })
  readonly!: boolean;
}

export class SetImageMetadataBody {
  @Field(metadata(65_535), { required: true })
  metadata!: Record<string, string>;
}

export class UnsetImageMetadataBody {
  @Field(text(255, 1), { required: true })
  key!: string;
}

export class UploadImageBody {
  @Field(text(255, 1), { required: true })
  image_name!: string;

  @Field(bool)
  force?: boolean;

  @Field(oneOf('raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop'))
  disk_format?: string;

  @Field(text(255, 1))
  container_format?: string;

  @Field(oneOf('community', 'public', 'private', 'shared'), { since: '3.1' })
  visibility?: string;

  @Field(bool, { since: '3.1' })
  protected?: boolean;
}

/** Null is as good as absent, but one of them must say something (Cinder's schema). */
export class ResetStatusBody {
  @Field(text(255, 1), { nullable: true })
  status?: string | null;

  @Field(oneOf('attached', 'detached'), { nullable: true })
  attach_status?: string | null;

  @Field(anything, { nullable: true })
  migration_status?: unknown;
}
