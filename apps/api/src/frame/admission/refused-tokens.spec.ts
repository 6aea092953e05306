import { RefusedTokens } from './refused-tokens.js';

it('a flood of tokens does not fill the memory, and forgets those refused longest ago', () => {
  const tokens = new RefusedTokens();
  for (let index = 0; index < 5000; index++) {
    tokens.remember(`t${index}`, 'p');
    tokens.remember('again', 'q');
  }
  expect(tokens.size).toBe(4096);
  expect([tokens.projectOf('t0'), tokens.projectOf('t4999'), tokens.projectOf('again')]).toEqual([
    undefined,
    'p',
    'q',
  ]);
  tokens.forget('again');
  expect(tokens.projectOf('again')).toBeUndefined();
});
