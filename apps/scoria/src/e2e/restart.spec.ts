import { jest } from '@jest/globals';
import { removeTempDirs, waitFor } from '@scoria/testing';
import { shell } from './support/commands.js';
import { SingleProcess } from './support/single-process.js';
import { User } from './support/user.js';

jest.setTimeout(120_000);

let scoria: SingleProcess;

beforeAll(async () => {
  scoria = await SingleProcess.start();
});

afterAll(async () => {
  await scoria?.stop();
  removeTempDirs();
});

test('what the banner says to paste makes both clients work', async () => {
  const pasted = scoria.output.split('\n').filter((line) => /^ {4}(export |cinder\(\))/.test(line));
  expect(pasted.length).toBeGreaterThan(1);
  const text = await shell([...pasted, 'openstack volume create --size 1 first', 'cinder list'].join('\n'));
  expect(text).toMatch(/\| first +\| 1 +\|/);
});

test('a clean stop leaves nothing running, and the next start finds everything', async () => {
  const user = new User(scoria, 'demo');
  await user.volume({ name: 'kept' });
  const seen = await waitFor(
    async () => (await user.ask<{ volumes: { status: string }[] }>('GET', '/volumes/detail')).volumes,
    {
      until: (volumes) => volumes.every(({ status }) => status === 'available'),
      describe: 'every volume to be available',
    },
  );
  expect(seen).not.toEqual([]);
  expect(await scoria.stop()).toEqual([]);
  await scoria.launch();
  expect(await user.ask('GET', '/volumes/detail')).toEqual({ volumes: seen });
});
