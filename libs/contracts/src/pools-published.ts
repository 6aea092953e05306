import { IsArray, IsISO8601, IsObject, IsString, MaxLength } from 'class-validator';
import type { PoolState } from '@scoria/domain';
import { defineBroadcast } from './contract.js';

/** A volume service tells all schedulers what one backend's pools look like now. */
export class PoolsPublished {
  /** `host@backend`. */
  @IsString()
  @MaxLength(255)
  backend!: string;

  /** By the database's clock. A report older than the one held is ignored. */
  @IsISO8601()
  reportedAt!: string;

  @IsArray()
  @IsObject({ each: true })
  pools!: PoolState[];
}

export const poolsPublished = defineBroadcast('pools.published', 1, PoolsPublished);
