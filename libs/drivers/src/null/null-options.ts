import { IsInt, IsNumber, Max, Min, ValidateIf } from 'class-validator';

export class NullOptions {
  /** GiB of each pool, or `infinite`. Default `infinite`. */
  @ValidateIf((options: NullOptions) => options.totalCapacityGib !== 'infinite')
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  totalCapacityGib: number | 'infinite' = 'infinite';

  /** How many pools there are: for measurements of placement. Default 1. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  pools = 1;

  /** Milliseconds that each operation takes: for tests. Default 0. */
  @IsInt()
  @Min(0)
  @Max(3_600_000)
  delayMs = 0;

  /** Every so many operations one fails: for tests. 0, the default, never. */
  @IsInt()
  @Min(0)
  failEvery = 0;
}
