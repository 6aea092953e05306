import { IsOptional } from 'class-validator';
import { Choice, Text, UrlOf, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** Where images come from and go to. */
export class ImagesConfig extends Redactable {
  /** `none`, `glance`, or `directory` (image files on the volume host, for tests and single machines). Default `none`. */
  @Choice(['none', 'glance', 'directory'])
  kind: 'none' | 'glance' | 'directory' = 'none';

  /** Glance's endpoint. Needed when `kind` is `glance`. */
  @IsOptional()
  @UrlOf('http', 'https')
  url?: string;

  /** Path of the image files. Needed when `kind` is `directory`. */
  @IsOptional()
  @Text(4096)
  directory?: string;

  /** Path where images are kept while they are converted. Default `/var/lib/scoria/conversion`. */
  @Text(4096)
  conversionDir = '/var/lib/scoria/conversion';

  /** Virtual size of an image at most, GiB: refuses decompression bombs. Default 1,024. */
  @Whole(1, 1_048_576)
  maxVirtualSizeGib = 1024;

  /** Seconds that one transfer or conversion may take. Default 3,600. */
  @Whole(1, 86_400)
  timeoutSeconds = 3600;
}
