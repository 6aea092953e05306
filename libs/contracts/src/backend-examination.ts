import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { defineCall } from './contract.js';

/** What a backend may find when it compares what is with the rows. */
export const STORAGE_CHECKS = [
  'item-without-row',
  'row-without-item',
  'export-without-attachment',
  'attachment-without-export',
  'foreign-export',
] as const;

export type StorageCheck = (typeof STORAGE_CHECKS)[number];

/** Subjects of one finding at most: a message has a limit. */
export const MAX_SUBJECTS = 100;

export class ExaminationRequest {
  /** `host@backend`. */
  @IsString()
  @MaxLength(255)
  host!: string;

  /** Subjects to name of each finding. */
  @IsInt()
  @Min(1)
  @Max(MAX_SUBJECTS)
  limit!: number;
}

export class FoundSubject {
  /** What it is about, e.g. `volume 6a…`. */
  @IsString()
  @MaxLength(300)
  subject!: string;

  @IsString()
  @MaxLength(300)
  detail!: string;
}

export class StorageFinding {
  @IsIn(STORAGE_CHECKS)
  check!: StorageCheck;

  /** Of all subjects; those named may be fewer. */
  @IsInt()
  @Min(1)
  count!: number;

  @IsArray()
  @ArrayMaxSize(MAX_SUBJECTS)
  @ValidateNested({ each: true })
  @Type(() => FoundSubject)
  subjects!: FoundSubject[];
}

export class ExaminationReply {
  /** What the host takes for the time, at the moment of its answer. */
  @IsISO8601()
  clock!: string;

  /** Whether the driver can say what is on its storage. */
  @IsBoolean()
  inventory!: boolean;

  @IsArray()
  @ArrayMaxSize(STORAGE_CHECKS.length)
  @ValidateNested({ each: true })
  @Type(() => StorageFinding)
  findings!: StorageFinding[];
}

/**
 * Asked of the volume service that serves the backend: whether its storage and what it exports are as the database has
 * them. It changes nothing. Takes as long as two looks through the storage.
 */
export const backendExamination = defineCall('backend.examination', 1, ExaminationRequest, ExaminationReply);
