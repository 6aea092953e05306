import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check } from './check.js';

const MOST_LINES = 12;

export const livesCheck: Check = {
  name: 'no service ended by itself',
  async look({ field }) {
    const names = [...new Set(field.supervisor.restarts)];
    return Promise.all(
      names.map(async (name) => ({
        what: 'a service ended by itself',
        detail: `${name}: ${await lastWords(join(field.dataDir, 'logs', `${name}.log`))}`,
      })),
    );
  },
};

/** What a process says when it breaks down is no JSON. */
async function lastWords(log: string): Promise<string> {
  const lines = (await readFile(log, 'utf8')).split('\n');
  const said = lines.filter((line) => line !== '' && !line.startsWith('{'));
  return said.slice(0, MOST_LINES).join(' / ') || 'without a word';
}
