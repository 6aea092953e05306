import type { Call } from '../frame/call.js';
import { Field, Open } from './field.js';
import { readBody } from './read-body.js';
import { metadata, object, text } from './rules.js';

class Body {
  @Field(text(), { nullable: true })
  name?: string | null;

  @Field(metadata())
  metadata?: Record<string, string>;

  @Field(object)
  connector?: Record<string, unknown>;
}

class LongerBody extends Body {
  @Field(text())
  more?: string;
}

@Open()
class OpenBody extends Body {}

/** Names that every object of JavaScript has. */
const BUILT_IN = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'toJSON', 'then'];
const items = Object.fromEntries(BUILT_IN.map((key) => [key, 'x']));

const read = (body: unknown, type: typeof Body = Body): Body =>
  readBody({ minor: 0, body: JSON.parse(JSON.stringify(body)) as unknown } as Call, 'it', type);

describe('a body', () => {
  it('keeps keys that a client invents, also those that every object has', () => {
    const given = { metadata: items, connector: { nested: items } };
    expect(read({ it: given })).toEqual({ ...new Body(), ...given });
  });

  it.each(BUILT_IN)('knows no field %s that nobody declared', (key) => {
    expect(() => read({ it: { [key]: 'x' } })).toThrow(`'${key}' was unexpected`);
    expect(Object.hasOwn(read({ it: { [key]: 'x', name: 'n' } }, OpenBody), key)).toBe(false);
  });

  it.each(BUILT_IN)('takes no object with %s for a text', (key) => {
    expect(() => read({ it: { name: { [key]: 'x' } } })).toThrow("is not of type 'string'");
  });

  it('takes __proto__ for a key like any other', () => {
    const body = JSON.parse('{"it":{"__proto__":{"name":"inherited"}}}') as unknown;
    const call = { minor: 0, body } as Call;
    expect(() => readBody(call, 'it', Body)).toThrow("'__proto__' was unexpected");
    expect(readBody(call, 'it', OpenBody).name).toBeUndefined();
  });

  it('has the fields of the one that it extends, which does not get those of its own', () => {
    expect(read({ it: { name: 'n', more: 'm' } }, LongerBody)).toMatchObject({ name: 'n', more: 'm' });
    expect(() => read({ it: { more: 'm' } })).toThrow("'more' was unexpected");
  });
});
