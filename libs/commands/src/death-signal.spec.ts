import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deathSignalPrefix } from './death-signal.js';

/** Asks with that directory alone before the system's own in PATH. */
async function prefixIn(directory: string): Promise<string[]> {
  const path = process.env['PATH'];
  process.env['PATH'] = directory;
  try {
    return await deathSignalPrefix();
  } finally {
    process.env['PATH'] = path;
  }
}

function directoryWithSetpriv(parent: string, name: string, script: string): string {
  const path = join(parent, name);
  mkdirSync(path);
  writeFileSync(join(path, 'setpriv'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

let dir: string;
beforeAll(() => (dir = mkdtempSync(join(tmpdir(), 'death-signal-'))));
afterAll(() => rmSync(dir, { recursive: true }));

// In one: what was found is kept for the life of the process.
test('trouble with the search for setpriv fails one command, not all that follow', async () => {
  const unreadable = join(dir, 'loop');
  symlinkSync(unreadable, unreadable);
  await expect(prefixIn(unreadable)).rejects.toMatchObject({ code: 'ELOOP' });
  const dying = directoryWithSetpriv(dir, 'dying', 'kill -KILL $$');
  await expect(prefixIn(dying)).rejects.toThrow('was killed by SIGKILL');

  const working = directoryWithSetpriv(dir, 'working', 'exit 0');
  const found = [join(working, 'setpriv'), '--pdeathsig', 'KILL', '--'];
  expect(await prefixIn(working)).toEqual(found);
  expect(await prefixIn(dying)).toEqual(found);
});
