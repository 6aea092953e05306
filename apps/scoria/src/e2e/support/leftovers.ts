import { readFile, readdir } from 'node:fs/promises';

/** Every process that has `directory` in its command line or environment: what a stop has left behind. */
export async function processesOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map((pid) => describe(pid, directory)));
  return found.filter((text) => text !== undefined);
}

async function describe(pid: string, directory: string): Promise<string | undefined> {
  const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
  const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
  const ours = command.includes(`${directory}/`) || environment.includes(`=${directory}/`);
  return ours ? `${pid}: ${command.replaceAll('\0', ' ')}` : undefined;
}
