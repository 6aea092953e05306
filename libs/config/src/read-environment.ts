import { parse } from 'yaml';
import { sectionOf, takesText } from './fields.js';
import { knownKeys, suggestion } from './known-keys.js';
import { ScoriaConfig } from './scoria-config.js';
import { merge, type Tree } from './tree.js';

/** Short names for what nearly everyone sets. */
const SHORT_NAMES: Record<string, string> = {
  SCORIA_DATABASE_URL: 'SCORIA__DATABASE__URL',
  SCORIA_AMQP_URL: 'SCORIA__AMQP__URL',
};

const PREFIX = 'SCORIA__';

/**
 * `SCORIA__API__MAX_LIMIT=50` is `api.maxLimit: 50`: two underscores go one level down, case and single underscores
 * do not matter. Texts are taken as they are, anything else is read as YAML (`[a, b]`, `true`, `{x: 1}`).
 * An empty variable counts as not set.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, problems: string[]): Tree {
  let tree: Tree = {};
  for (const [name, value] of Object.entries(env)) {
    const path = SHORT_NAMES[name] ?? name;
    if (!path.startsWith(PREFIX) || value === undefined || value === '') continue;
    const setting = read(name, path.slice(PREFIX.length).split('__'), value, problems);
    if (setting) tree = merge(tree, setting);
  }
  return tree;
}

function read(name: string, segments: string[], value: string, problems: string[]): Tree | undefined {
  const keys: string[] = [];
  let section: (new () => object) | undefined = ScoriaConfig;
  let text = false;
  for (const segment of segments) {
    if (!section) {
      problems.push(`${name}: ${keys.join('.')} has no fields of its own; set it whole`);
      return undefined;
    }
    const known = knownKeys(section);
    const key = known.find((candidate) => plain(candidate) === plain(segment));
    if (key === undefined) {
      const at = [...keys, segment.toLowerCase()].join('.');
      problems.push(`${name}: ${at}: is not known${suggestion(plain(segment), known)}`);
      return undefined;
    }
    keys.push(key);
    text = takesText(section, key);
    section = sectionOf(section, key);
  }
  try {
    const parsed: unknown = text ? value : parse(value);
    return keys.reduceRight<unknown>((below, key) => ({ [key]: below }), parsed) as Tree;
  } catch {
    problems.push(`${name}: ${keys.join('.')}: is not valid YAML`);
    return undefined;
  }
}

/** `MAX_LIMIT`, `maxlimit` and `maxLimit` are one name. */
const plain = (key: string): string => key.replaceAll('_', '').toLowerCase();
