import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandRunner } from '@scoria/commands';
import { tempDir } from '@scoria/testing';
import { DirectoryImageService } from '../directory/directory-image-service.js';
import type { ImageCaller } from '../image-caller.js';
import { fetchImageToDevice, type FetchOptions } from './fetch-image-to-device.js';

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** A directory of images, a device of 1 GiB (a sparse file) and a place to work in, for one test. */
export class ConversionBench {
  readonly images: string;
  readonly work: string;
  readonly device: string;
  readonly service: DirectoryImageService;
  readonly caller: ImageCaller = { projectId: 'project', userId: 'user' };
  readonly commands = new CommandRunner({ owner: 'images-test' });

  /** @param garbageMib how much of the device's beginning holds old data */
  constructor(readonly garbageMib: number) {
    const dir = tempDir('images');
    this.images = join(dir, 'images');
    this.work = join(dir, 'work');
    mkdirSync(this.images);
    mkdirSync(this.work);
    this.device = this.makeDevice(dir, 'device');
    this.service = new DirectoryImageService(this.images);
  }

  makeDevice(dir: string, name: string): string {
    const path = join(dir, name);
    writeFileSync(path, Buffer.alloc(this.garbageMib * MIB, 0xaa));
    truncateSync(path, GIB);
    return path;
  }

  async fetch(id: string, overrides: Partial<FetchOptions> = {}): Promise<void> {
    await fetchImageToDevice({
      service: this.service,
      image: overrides.image ?? (await this.service.show(id, this.caller)),
      caller: this.caller,
      devicePath: this.device,
      sizeGib: 1,
      maxVirtualSizeGib: 1024,
      discard: true,
      workDir: this.work,
      operationId: 'operation',
      commands: this.commands,
      signal: new AbortController().signal,
      timeoutMs: 120_000,
      ...overrides,
    });
  }

  /** SHA-256 of the device's first `mib` MiB; of its old data and one more unless told. */
  deviceDigest(mib = this.garbageMib + 1, path = this.device): string {
    const hash = createHash('sha256');
    const piece = Buffer.alloc(MIB);
    const file = openSync(path, 'r');
    for (let i = 0; i < mib; i++) hash.update(piece.subarray(0, readSync(file, piece, 0, MIB, i * MIB)));
    closeSync(file);
    return hash.digest('hex');
  }
}
