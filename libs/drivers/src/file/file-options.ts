import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsOptional,
  Matches,
} from 'class-validator';

export class FileOptions {
  /** Absolute. Holds one directory for each pool. Made when it is missing. */
  @Matches(/^\/.{0,1000}$/, { message: '$property must be an absolute path' })
  directory!: string;

  /**
   * The pools' names, which are the names of their directories below `directory`, each on a file system of its own.
   * Default: one pool, named as the backend.
   */
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(64)
  @ArrayUnique()
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    each: true,
    message: '$property must be names of letters, digits, ".", "_" and "-"',
  })
  pools?: string[];

  /**
   * Whether all space of a volume is taken when it is made, and stays taken whatever its client discards, so that it
   * cannot run out later. Copies are then full copies, never reflinks. Default false.
   */
  @IsBoolean()
  preallocate = false;
}
