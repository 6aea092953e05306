import { ConfigError } from '@scoria/config';
import { describeError } from '@scoria/domain';
import type { DriverFactory } from './driver-factory.js';
import { fileDriver } from './file/index.js';
import { nullDriver } from './null/index.js';

const BUILT_IN: Readonly<Record<string, DriverFactory>> = { file: fileDriver, null: nullDriver };

/** A package name by npm's rules, so that neither a path nor a `data:` URL is ever imported. */
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;

/**
 * The factory of a driver: a built-in one, or what the npm package of that name exports as its default.
 *
 * @throws ConfigError when there is no such driver, or the package exports none
 */
export async function loadDriver(name: string): Promise<DriverFactory> {
  if (Object.hasOwn(BUILT_IN, name)) return BUILT_IN[name]!;
  const known = `built in are ${Object.keys(BUILT_IN).join(', ')}`;
  if (!PACKAGE_NAME.test(name)) {
    throw new ConfigError([`driver ${name}: is neither built in nor the name of an npm package; ${known}`]);
  }
  const loaded = await importPackage(name).catch((error: unknown) => {
    throw new ConfigError([`driver ${name}: cannot be loaded (${describeError(error)}); ${known}`]);
  });
  if (!isFactory(loaded.default)) {
    throw new ConfigError([`driver ${name}: its default export is not a driver factory`]);
  }
  return loaded.default;
}

const importPackage = (name: string): Promise<{ default?: unknown }> =>
  import(name) as Promise<{ default?: unknown }>;

const isFactory = (value: unknown): value is DriverFactory =>
  typeof (value as Partial<DriverFactory> | undefined)?.create === 'function';
