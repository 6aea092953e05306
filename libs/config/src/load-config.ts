import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { ConfigError } from './config-error.js';
import { knownKeys, suggestion } from './known-keys.js';
import { readConfigFile } from './read-file.js';
import { readEnvironment } from './read-environment.js';
import { RULES, type ServiceName } from './rules.js';
import { ScoriaConfig } from './scoria-config.js';
import { merge, valueAt, type DeepPartial, type Tree } from './tree.js';

export interface LoadConfigOptions {
  /** A YAML file. Default: the one named by `SCORIA_CONFIG`, or none. */
  file?: string;
  /** Usually `process.env`. */
  env: NodeJS.ProcessEnv;
  /** What the program knows better than the built-in defaults; file and environment win over it. */
  defaults?: DeepPartial<ScoriaConfig>;
  /** What the command line says; wins over everything. */
  overrides?: DeepPartial<ScoriaConfig>;
  /** The services that this process runs; rules that concern others only are left out. Default: all three. */
  services?: readonly ServiceName[];
  /** Dotted paths that must be set beside `database.url`, e.g. `amqp.url`; an empty list counts as not set. */
  required?: readonly string[];
}

/**
 * The validated configuration: built-in defaults, then `defaults`, file, environment, `overrides`.
 * Throws one `ConfigError` that lists everything that is wrong. No value is repeated in it, only names and bounds.
 */
export function loadConfig(options: LoadConfigOptions): ScoriaConfig {
  const problems: string[] = [];
  const file = options.file ?? options.env.SCORIA_CONFIG;
  const layers: Tree[] = [
    (options.defaults ?? {}) as Tree,
    file ? readConfigFile(file, problems) : {},
    readEnvironment(options.env, problems),
    (options.overrides ?? {}) as Tree,
  ];
  const config = plainToInstance(ScoriaConfig, layers.reduce(merge, {}));
  const faulty = validateSync(config, { whitelist: true, forbidNonWhitelisted: true });
  problems.push(...faulty.flatMap((error) => describe(error, '')));
  problems.push(...missing(config, options.required ?? []));
  if (problems.length === 0) problems.push(...brokenRules(config, options.services));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function missing(config: ScoriaConfig, paths: readonly string[]): string[] {
  return paths
    .filter((path) => {
      const value = valueAt(config, path);
      return value === undefined || (Array.isArray(value) && value.length === 0);
    })
    .map((path) => `${path}: is required`);
}

/** Rules read fields of the right type only, hence after everything else held. */
function brokenRules(config: ScoriaConfig, services?: readonly ServiceName[]): string[] {
  return RULES.filter((rule) => !services || rule.services.some((service) => services.includes(service)))
    .filter((rule) => rule.broken(config))
    .map((rule) => `${rule.path}: ${rule.message}`);
}

function describe(error: ValidationError, parent: string): string[] {
  const { property, constraints = {}, children = [] } = error;
  const path =
    parent === '' ? property : /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
  if ('whitelistValidation' in constraints) {
    const known = knownKeys((error.target as object).constructor as new () => object);
    return [`${path}: is not known${suggestion(property, known)}`];
  }
  if (error.value === undefined && children.length === 0) return [`${path}: is required`];
  // A value of the wrong type breaks its bounds as well; the type says enough.
  const messages = Object.entries(constraints).sort(([a], [b]) => Number(isType(b)) - Number(isType(a)));
  const shown = messages.filter(([name], _, all) => isType(name) || !all.some(([other]) => isType(other)));
  return [
    ...shown.map(([, message]) => `${path}: ${message.replace(new RegExp(`^${property} `), '')}`),
    ...children.flatMap((child) => describe(child, path)),
  ];
}

const isType = (constraint: string): boolean =>
  /^is(Int|Number|String|Boolean|Object|Array)$/.test(constraint);
