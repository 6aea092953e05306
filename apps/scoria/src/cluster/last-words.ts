import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

const MOST_LINES = 12;

/** What services said when they broke down, by its form: all else in their logs is JSON. */
export async function lastWords(logsDir: string, service?: string): Promise<string> {
  const files = await readdir(logsDir).catch(() => []);
  const wanted = files.filter((file) => service === undefined || basename(file, '.log') === service);
  const said = await Promise.all(
    wanted.map(async (file) => wordsOf(await readFile(join(logsDir, file), 'utf8'))),
  );
  return said.filter((words) => words !== '').join('; ') || 'without a word';
}

function wordsOf(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return lines.slice(0, MOST_LINES).join(' / ');
}
