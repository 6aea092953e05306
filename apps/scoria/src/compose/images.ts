import type { ScoriaConfig } from '@scoria/config';
import { KeystoneHttp, ServiceSession } from '@scoria/identity';
import { DirectoryImageService, GlanceImageService, type ImageService } from '@scoria/images';
import { keystoneOptions } from './authenticator.js';

/** The image service of the configuration, or undefined when there is none. */
export function createImages(config: ScoriaConfig): ImageService | undefined {
  const { images, keystone } = config;
  if (images.kind === 'directory') return new DirectoryImageService(images.directory!);
  if (images.kind === 'none') return undefined;
  if (keystone.url === undefined) return new GlanceImageService({ url: images.url! });
  const options = keystoneOptions(config);
  return new GlanceImageService({
    url: images.url!,
    tokens: new ServiceSession(new KeystoneHttp(options.url), options),
  });
}
