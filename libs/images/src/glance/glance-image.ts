import type { ImageInfo, NewImage } from '../image-info.js';

/** Image API v2's own keys; every other one is a property of the image's owner. */
const OWN_KEYS = new Set([
  ...['id', 'name', 'status', 'visibility', 'owner', 'protected', 'tags', 'disk_format', 'container_format'],
  ...[
    'size',
    'virtual_size',
    'min_disk',
    'min_ram',
    'checksum',
    'os_hash_algo',
    'os_hash_value',
    'os_hidden',
  ],
  ...['created_at', 'updated_at', 'self', 'file', 'schema', 'direct_url', 'locations', 'stores'],
]);
/** Reserved by Glance: an image with such a property cannot be made. */
const RESERVED_PREFIX = 'os_glance';

interface RawImage {
  id: string;
  name?: string | null;
  status: string;
  visibility: string;
  owner?: string | null;
  protected: boolean;
  disk_format?: string | null;
  container_format?: string | null;
  size?: number | null;
  virtual_size?: number | null;
  min_disk: number;
  min_ram: number;
  checksum?: string | null;
  os_hash_algo?: string | null;
  os_hash_value?: string | null;
  updated_at: string;
}

export function fromGlance(body: unknown): ImageInfo {
  const image = body as RawImage;
  const properties = Object.entries(body as object).filter(
    ([key, value]) => !OWN_KEYS.has(key) && typeof value === 'string',
  ) as [string, string][];
  return {
    id: image.id,
    name: image.name ?? '',
    status: image.status,
    diskFormat: image.disk_format ?? '',
    containerFormat: image.container_format ?? '',
    sizeBytes: image.size ?? 0,
    ...(image.virtual_size ? { virtualSizeBytes: image.virtual_size } : {}),
    minDiskGib: image.min_disk,
    minRamMib: image.min_ram,
    ...(image.checksum ? { checksum: image.checksum } : {}),
    ...(image.os_hash_algo ? { osHashAlgo: image.os_hash_algo } : {}),
    ...(image.os_hash_value ? { osHashValue: image.os_hash_value } : {}),
    visibility: image.visibility,
    protected: image.protected,
    ...(image.owner ? { owner: image.owner } : {}),
    updatedAt: image.updated_at,
    properties: Object.fromEntries(properties),
  };
}

/** @param owner given when another than the token's project shall own the image, which takes an administrator */
export function toGlance(meta: NewImage, owner: string | undefined): Record<string, unknown> {
  const properties = Object.entries(meta.properties ?? {}).filter(
    ([key]) => !OWN_KEYS.has(key) && !key.startsWith(RESERVED_PREFIX),
  );
  return {
    ...Object.fromEntries(properties),
    ...(meta.id === undefined ? {} : { id: meta.id }),
    name: meta.name,
    disk_format: meta.diskFormat,
    container_format: meta.containerFormat,
    ...(meta.visibility === undefined ? {} : { visibility: meta.visibility }),
    ...(meta.protected === undefined ? {} : { protected: meta.protected }),
    min_disk: meta.minDiskGib ?? 0,
    min_ram: meta.minRamMib ?? 0,
    ...(owner === undefined ? {} : { owner }),
  };
}
