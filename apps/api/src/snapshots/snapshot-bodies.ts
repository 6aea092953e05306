import { DescribedBody } from '../validation/described-body.js';
import { Field } from '../validation/field.js';
import { bool, metadata, oneOf, text, uuid } from '../validation/rules.js';
import type { FieldRule } from '../validation/field.js';

/** `POST /snapshots` (cinder-map §8.5). */
export class CreateSnapshotBody extends DescribedBody {
  /** Null names a volume that there is not (Cinder's schema). */
  @Field(uuid, { required: true, nullable: true })
  volume_id!: string | null;

  @Field(bool, { nullable: true })
  force?: boolean | null;

  @Field(metadata(), { nullable: true })
  metadata?: Record<string, string> | null;
}

/** `PUT /snapshots/{id}`. */
export class UpdateSnapshotBody extends DescribedBody {}

export class ResetSnapshotStatusBody {
  @Field(text(255, 1), { required: true })
  status!: string;
}

const percent: FieldRule = {
  check: (value) =>
    typeof value === 'string' && /^(\d{1,2}|100)%?$/.test(value)
      ? undefined
      : 'it must be an integer percentage',
};

export class UpdateSnapshotStatusBody {
  @Field(oneOf('creating', 'available', 'deleting', 'error', 'error_deleting'), { required: true })
  status!: string;

  @Field(percent)
  progress?: string;
}
