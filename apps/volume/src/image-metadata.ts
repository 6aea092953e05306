import { fittingImageMetadata } from '@scoria/domain';
import type { ImageInfo } from '@scoria/images';

/**
 * What a volume remembers of its image (`volume_image_metadata`): Cinder's keys, all values text. Properties that there
 * is no room for are left out.
 */
export function imageMetadataOf(image: ImageInfo): Record<string, string> {
  const own = {
    image_id: image.id,
    image_name: image.name,
    container_format: image.containerFormat,
    disk_format: image.diskFormat,
    min_disk: String(image.minDiskGib),
    min_ram: String(image.minRamMib),
    size: String(image.sizeBytes),
    ...(image.checksum === undefined ? {} : { checksum: image.checksum }),
  };
  return fittingImageMetadata({ ...own, ...image.properties, ...own });
}
