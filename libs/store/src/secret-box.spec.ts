import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.js';

const key = randomBytes(32);
const box = new SecretBox(key);
const secret = { password: 'correct horse' };

test('what was sealed opens with the same key in the same row', () => {
  expect(new SecretBox(Buffer.from(key)).open(box.seal(secret, 'row'), 'row')).toEqual(secret);
});

test('a secret does not open with another key or in another row', () => {
  const sealed = box.seal(secret, 'row');
  expect(() => new SecretBox(randomBytes(32)).open(sealed, 'row')).toThrow();
  expect(() => box.open(sealed, 'another row')).toThrow();
});

test('a change of any byte, and a cut at any length, are noticed', () => {
  const sealed = box.seal(secret, 'row');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at]! ^= 1;
    expect(() => box.open(changed, 'row')).toThrow();
    expect(() => box.open(sealed.subarray(0, at), 'row')).toThrow();
  }
});
