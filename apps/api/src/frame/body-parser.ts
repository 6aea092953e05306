import { Fault } from '@scoria/domain';
import type { FastifyInstance } from 'fastify';

const MEDIA_TYPES = ['application/json', 'application/vnd.openstack.volume+json'];

/** Deeper than any client's body; bounds recursion wherever a body is walked. */
const MAX_DEPTH = 32;

/** The two content types that Cinder reads; everything else is 415. An empty body is none. */
export function registerBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(MEDIA_TYPES, { parseAs: 'string' }, (_request, body, done) => {
    const text = body as string;
    if (text.trim() === '') return done(null, undefined);
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch (cause) {
      return done(new Fault('badRequest', 'Malformed request body', { cause }));
    }
    const problem = flaw(parsed, 0);
    return problem === undefined ? done(null, parsed) : done(new Fault('badRequest', problem));
  });
}

/** What JSON allows but neither the database nor the code takes. */
function flaw(value: unknown, depth: number): string | undefined {
  if (typeof value === 'string') {
    return value.isWellFormed() && !value.includes('\0')
      ? undefined
      : 'The body holds text that is not valid UTF-8 or contains NUL.';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth >= MAX_DEPTH) return `The body is nested more than ${MAX_DEPTH} levels deep.`;
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') return 'The body holds a key that is not allowed.';
    const found = flaw(key, depth) ?? flaw(item, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
