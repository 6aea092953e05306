import type { CommandRunner } from '@scoria/commands';
import type { Checkpoints } from '@scoria/domain';
import type { ImageCaller } from '../image-caller.js';
import type { ImageInfo } from '../image-info.js';
import type { ImageService } from '../image-service.js';

/** The part that both directions between an image and a device have in common. */
export interface ConversionOptions {
  service: ImageService;
  image: ImageInfo;
  caller: ImageCaller;
  /** A block device, or a file that stands for one; it exists and has the volume's size. */
  devicePath: string;
  sizeGib: number;
  /** Where temporary files are kept; made when missing, for root's or the service's eyes only. */
  workDir: string;
  /** Names the temporary file, so that a step that is run again finds or removes what its predecessor left. */
  operationId: string;
  commands: CommandRunner;
  signal: AbortSignal;
  /** Milliseconds for all of it. */
  timeoutMs: number;
  /** Where a run that is cut short is gone on with. Without them every run begins anew, and leaves nothing. */
  checkpoints?: Checkpoints;
  /** Of a conversion; see `DiskCopy`. */
  firstWindowBytes?: number;
  /** Told whole percents, 0 to 100. */
  onProgress?: (percent: number) => void;
}
