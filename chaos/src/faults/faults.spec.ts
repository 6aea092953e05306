import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './index.js';

const GUIDE = fileURLToPath(new URL('../../../docs/faults.md', import.meta.url));

test('every fault has a name and a sentence of its own', () => {
  expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
  for (const { name, what, seconds } of FAULTS) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(what).toMatch(/\.$/);
    expect(seconds[0]).toBeLessThanOrEqual(seconds[1]);
  }
});

test('the guide says of every fault what users and operators see, and of no other', async () => {
  const [described] = (await readFile(GUIDE, 'utf8')).split('\n## Try it\n');
  const named = described!.matchAll(/^\| `([a-z-]+)` +\|/gm);
  expect([...named].map(([, name]) => name).sort()).toEqual(FAULTS.map(({ name }) => name).sort());
});
