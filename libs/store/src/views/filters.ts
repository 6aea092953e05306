import { Fault, isUuid } from '@scoria/domain';
import type { Parameters } from './parameters.js';
import type { Filter } from './view.js';

/** One wish of a query: rows whose `key` has one of `values`. */
export interface FilterWish {
  key: string;
  /** Several mean any of them. */
  values: readonly string[];
  /** `key~=value`: contains, whatever the case. */
  inexact: boolean;
}

const TIME_OPERATORS = new Map(
  Object.entries({ gt: '>', gte: '>=', lt: '<', lte: '<=', eq: '=', neq: '<>' }),
);
const STRICT_TRUE = new Set(['T', 'True', '1', 'true']);
const STRICT_FALSE = new Set(['F', 'False', '0', 'false']);
const INTEGER = /^-?\d{1,9}$/;
/** What PostgreSQL takes too: there is no year 0, and no zone is 16 hours away. */
const TIME =
  /^((?!0000)\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(\.\d{1,6})?)?(Z|[+-](?:0\d|1[0-5]):[0-5]\d)?$/;

/**
 * The condition of one wish.
 *
 * @throws Fault `badRequest` when the value is not of the filter's type
 */
export function filterSql(filter: Filter, wish: FilterWish, minor: number, parameters: Parameters): string {
  if (wish.inexact) {
    const patterns = wish.values.map((value) => `%${value.replace(/[\\%_]/g, '\\$&')}%`);
    return `(${filter.sql})::text ilike any(${parameters.add(patterns)}::text[])`;
  }
  switch (filter.type) {
    case 'never':
      return 'false';
    case 'metadata':
      return `${filter.sql} @> ${parameters.add(JSON.stringify(parseDictionary(wish.key, wish.values[0]!)))}::jsonb`;
    case 'times':
      return timesSql(filter.sql, wish, parameters);
    case 'uuid':
      return anyOf(filter, 'uuid', wish.values.filter(isUuid), parameters);
    case 'integer':
      return anyOf(
        filter,
        'bigint',
        wish.values.filter((value) => INTEGER.test(value)),
        parameters,
      );
    case 'boolean':
    case 'strictBoolean': {
      const wanted = wish.values.map((value) => parseBoolean(filter, wish.key, value, minor));
      if (!filter.literal) return anyOf(filter, 'boolean', wanted, parameters);
      return `(${[...new Set(wanted)].map((yes) => (yes ? filter.sql : `not ${filter.sql}`)).join(' or ')})`;
    }
    case 'text':
      return anyOf(filter, 'text', wish.values, parameters);
  }
}

function anyOf(filter: Filter, type: string, values: readonly unknown[], parameters: Parameters): string {
  const parameter = `${parameters.add(values)}::${type}[]`;
  return filter.match ? filter.match.replaceAll('$', parameter) : `${filter.sql} = any(${parameter})`;
}

/** From 3.2 only plain truth values; before, whatever is not one of them means false (Cinder behaviour). */
function parseBoolean(filter: Filter, key: string, value: string, minor: number): boolean {
  if (STRICT_TRUE.has(value)) return true;
  if (STRICT_FALSE.has(value)) return false;
  if (filter.type === 'strictBoolean' && minor < 2) return false;
  throw new Fault(
    'badRequest',
    `Invalid value '${value.slice(0, 64)}' for filter ${key}: it must be true or false.`,
  );
}

/** `gt:2020-01-01T00:00:00,lt:…`; every comparison must hold. */
function timesSql(sql: string, wish: FilterWish, parameters: Parameters): string {
  const conditions = wish.values
    .join(',')
    .split(',')
    .map((part) => {
      const colon = part.indexOf(':');
      const operator = TIME_OPERATORS.get(part.slice(0, colon).trim().toLowerCase());
      const time = parseTime(operator === undefined ? part : part.slice(colon + 1));
      if (time === undefined)
        throw new Fault('badRequest', `Invalid value '${part.slice(0, 64)}' for filter ${wish.key}.`);
      return `${sql} ${operator ?? '='} ${parameters.add(time)}::timestamptz`;
    });
  return `(${conditions.join(' and ')})`;
}

/** A time as PostgreSQL reads it, or undefined when there is none such. One without a zone is UTC. */
function parseTime(text: string): string | undefined {
  const [, date, minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = TIME.exec(text) ?? [];
  if (date === undefined) return undefined;
  const local = `${date}T${minutes}${seconds}`;
  const instant = new Date(`${local}Z`);
  // JavaScript makes the 1st of March of the 30th of February.
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(local)) return undefined;
  return `${local}${fraction}${zone}`;
}

/**
 * The text of a dictionary of texts as Python or JSON writes it: `{'k': 'v'}`.
 *
 * @throws Fault `badRequest` for anything else
 */
export function parseDictionary(key: string, text: string): Record<string, string> {
  const refuse = (): Fault =>
    new Fault('badRequest', `Could not evaluate value of filter ${key}: it must be a dictionary.`);
  const body = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) throw refuse();
  const entries: [string, string][] = [];
  const item =
    /\s*u?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*:\s*u?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|$)/sy;
  let at = 0;
  while (body.slice(at).trim() !== '') {
    item.lastIndex = at;
    const match = item.exec(body);
    if (!match || entries.length >= 64) throw refuse();
    entries.push([unescape(match[1] ?? match[2] ?? ''), unescape(match[3] ?? match[4] ?? '')]);
    at = item.lastIndex;
  }
  return Object.fromEntries(entries);
}

const unescape = (text: string): string => text.replace(/\\(.)/gs, '$1');
