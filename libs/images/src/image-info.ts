/** An image as the image service describes it. Sizes of bytes are bytes. */
export interface ImageInfo {
  id: string;
  name: string;
  /** Glance's statuses; only an `active` image has bytes. */
  status: string;
  diskFormat: string;
  containerFormat: string;
  /** Bytes of the file; 0 while it has none. */
  sizeBytes: number;
  /** Bytes of the disk within, where the service knows. */
  virtualSizeBytes?: number;
  minDiskGib: number;
  minRamMib: number;
  /** MD5 of the file, hexadecimal. */
  checksum?: string;
  /** Name of the hash in `osHashValue`, as OpenSSL spells it, e.g. `sha512`. */
  osHashAlgo?: string;
  osHashValue?: string;
  /** `public`, `private`, `shared` or `community`. */
  visibility: string;
  protected: boolean;
  /** Project that owns it. */
  owner?: string;
  updatedAt: string;
  /** What else is known of it; copied to volumes as image metadata. */
  properties: Record<string, string>;
}

/** What `ImageService.create` needs to know. */
export interface NewImage {
  /** Chosen by us, so that a lost answer does not make a second image. */
  id?: string;
  name: string;
  diskFormat: string;
  containerFormat: string;
  visibility?: string;
  protected?: boolean;
  minDiskGib?: number;
  minRamMib?: number;
  properties?: Record<string, string>;
}
