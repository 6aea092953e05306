import { specFlaw } from '../types/type-bodies.js';
import { metadata, name, text } from './rules.js';

/** One character that JavaScript counts as two. */
const DISK = '💾';

describe('a length', () => {
  it.each([
    ['text', (value: string) => text().check(value)],
    ['a name', (value: string) => name().check(value)],
    ['a value of metadata', (value: string) => metadata().check({ key: value })],
    ['an extra spec', (value: string) => specFlaw('key', value)],
  ])('of %s is counted in characters', (_, flaw) => {
    expect(flaw(DISK.repeat(255))).toBeUndefined();
    expect(flaw(DISK.repeat(256))).toContain('is too long');
  });

  it('has its least in characters too', () => {
    expect(text(255, 2).check(DISK)).toContain('is too short');
  });
});
