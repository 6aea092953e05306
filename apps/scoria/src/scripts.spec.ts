import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '@scoria/local-services';
import { removeTempDirs, tempDir, waitFor } from '@scoria/testing';

const scriptUrl = (name: string): string => new URL(`../../../scripts/setup/${name}`, import.meta.url).href;

/** A script as npm runs it; `code` may import what `imports` names. */
function script(imports: Record<string, string>, code: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const lines = Object.entries(imports).map(
    ([name, file]) => `import { ${name} } from ${JSON.stringify(scriptUrl(file))};`,
  );
  const args = ['--input-type=module', '-e', [...lines, code].join('\n')];
  return spawn(process.execPath, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
}

const textOf = (file: string): Promise<string> =>
  waitFor(() => existsSync(file) && readFileSync(file, 'utf8'), { describe: file });

afterAll(removeTempDirs);

test('an interrupted run leaves nothing running that was meant to outlive who started it, and no file', async () => {
  const note = join(tempDir('scripts'), 'note');
  const program = `
    const { spawn } = require('node:child_process');
    const { renameSync, writeFileSync } = require('node:fs');
    const { pid } = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    writeFileSync('${note}.new', JSON.stringify({ pid, directory: process.env.TMPDIR }));
    renameSync('${note}.new', '${note}');
    setInterval(() => {}, 60_000);`;
  const run = script(
    { withOwnTempDir: 'own-temp-dir.mjs', runProgram: 'run-program.mjs' },
    `process.exitCode = await withOwnTempDir((directory) =>
       runProgram(process.execPath, ['-e', ${JSON.stringify(program)}], { env: { ...process.env, TMPDIR: directory } }));`,
  );
  const ended = once(run, 'exit');
  const { pid, directory } = JSON.parse(await textOf(note)) as { pid: number; directory: string };
  expect(isAlive(pid)).toBe(true);
  run.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  await waitFor(() => !isAlive(pid), { describe: 'the end of what was left' });
  expect(existsSync(directory)).toBe(false);
});

test('an interrupted installation forbids daemons for as long as apt still works, and not for ever', async () => {
  const directory = tempDir('scripts');
  const [policy, begun, go] = ['policy-rc.d', 'begun', 'go'].map((name) => join(directory, name));
  const work = `trap '' INT; echo > ${begun}; until [ -e ${go} ]; do sleep 0.05; done; test -e ${policy} && echo kept > ${begun}`;
  const run = script(
    { withoutStartingDaemons: 'no-daemons.mjs', runQuietly: 'report.mjs' },
    `await withoutStartingDaemons(() => runQuietly('sh', ['-c', ${JSON.stringify(work)}]), '${policy}');
     setInterval(() => {}, 60_000);`,
  );
  const ended = once(run, 'exit');
  await textOf(begun!);
  expect(existsSync(policy!)).toBe(true);
  run.kill('SIGINT');
  writeFileSync(go!, '');
  expect(await ended).toEqual([null, 'SIGINT']);
  expect(readFileSync(begun!, 'utf8')).toBe('kept\n');
  expect(existsSync(policy!)).toBe(false);
});

test('a machine that is set to production gets the compiler and the right Node.js all the same', async () => {
  const root = tempDir('scripts');
  const packages = {
    devDependencies: { compiler: 'file:compiler' },
    optionalDependencies: { node: 'file:node' },
  };
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'root', ...packages }));
  for (const name of ['compiler', 'node']) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
  }
  const run = script(
    { installNodeModules: 'node-modules.mjs' },
    `await installNodeModules(${JSON.stringify(root)});`,
    { NODE_ENV: 'production', npm_config_omit: 'optional', npm_config_offline: 'true' },
  );
  expect(await once(run, 'exit')).toEqual([0, null]);
  for (const name of ['compiler', 'node']) expect(existsSync(join(root, 'node_modules', name))).toBe(true);
});
