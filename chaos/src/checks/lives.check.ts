import { lastWords } from '../field/last-words.js';
import type { Check } from './check.js';

export const livesCheck: Check = {
  name: 'no service ended by itself',
  async look({ field }) {
    const names = [...new Set(field.supervisor.restarts)];
    return Promise.all(
      names.map(async (name) => ({
        what: 'a service ended by itself',
        detail: `${name}: ${await lastWords(field.logsDir, name)}`,
      })),
    );
  },
};
