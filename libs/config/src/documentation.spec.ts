import { readFileSync } from 'node:fs';
import { sectionOf } from './fields.js';
import { knownKeys } from './known-keys.js';
import { ScoriaConfig } from './scoria-config.js';
import { BackendConfig } from './sections/backend.config.js';
import { WeigherConfig } from './sections/scheduler.config.js';

const LISTS: Record<string, new () => object> = {
  'scheduler.weighers': WeigherConfig,
  'volume.backends': BackendConfig,
};

function paths(section: new () => object, parent: string): string[] {
  return knownKeys(section).flatMap((key) => {
    const path = parent === '' ? key : `${parent}.${key}`;
    const nested = sectionOf(section, key) ?? LISTS[path];
    return nested ? [path, ...paths(nested, path)] : [path];
  });
}

it('a field of the configuration that the documentation does not know, or the reverse', () => {
  const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const documented = [...text.matchAll(/^(?:\| |## )`([\w.[\]]+)`/gm)].map((match) =>
    match[1]!.replaceAll('[]', ''),
  );
  expect(new Set(documented)).toEqual(new Set(paths(ScoriaConfig, '')));
});
