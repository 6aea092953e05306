import { describeError } from './errors.js';

const circular: Record<string, unknown> = { code: 7 };
circular['self'] = circular;

describe('what is said of an error', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'words', 'words'],
    ['a chain', new Error('above', { cause: new Error('below') }), 'above: below'],
    ['an error without words', new TypeError(), 'TypeError'],
    ['an object', { code: 1 }, '{"code":1}'],
    ['an object that hides a part of it', { secret: 's', toJSON: () => ({ code: 1 }) }, '{"code":1}'],
    [
      'a message that is no text',
      Object.assign(new Error(), { message: Object.create(null) }),
      'an error that cannot be described',
    ],
    ['a number that JSON has not', 1n, '1n'],
    ['an object in itself', circular, '<ref *1> { code: 7, self: [Circular *1] }'],
    [
      'a cause in itself',
      new Error('above', { cause: circular }),
      'above: <ref *1> { code: 7, self: [Circular *1] }',
    ],
    ['nothing', undefined, ''],
  ])('is one line of %s', (_, error, line) => expect(describeError(error)).toBe(line));

  it('ends, however deep the chain is', () => {
    const own = new Error('x');
    own.cause = own;
    expect(describeError(own)).toBe('x: x: x: x: x');
  });
});
