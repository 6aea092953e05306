import { lastWords } from '@scoria/scoria';
import type { Check } from './check.js';

export const livesCheck: Check = {
  name: 'no service ended by itself, all ended when they were told to, and all got ready again',
  async look({ field, unready }) {
    const ended = [...new Set(field.supervisor.restarts)].map(async (name) => ({
      what: 'a service ended by itself',
      detail: `${name}: ${await lastWords(field.logsDir, name)}`,
    }));
    return [
      ...(await Promise.all(ended)),
      ...[...field.stubborn].map((name) => ({
        what: 'a service that did not stop and had to be killed',
        detail: name,
      })),
      ...unready.map((name) => ({ what: 'a service that does not get ready again', detail: name })),
    ];
  },
};
