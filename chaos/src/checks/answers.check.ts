import type { Check, Finding } from './check.js';

/** What a tenant may be told: over its quota. */
const FAIR = /^refused 413$/;

export const answersCheck: Check = {
  name: 'every request had a definite answer, the same when it came again, and none that only a mistake explains',
  async look({ done, seen, ledger }) {
    const found: Finding[] = [
      ...seen.failures.map((detail) => ({ what: 'answered 500', detail })),
      ...ledger.contradictions.map((detail) => ({ what: 'the same request was answered otherwise', detail })),
    ];
    for (const { act, project, outcome, detail } of done) {
      if (!/^refused|no answer|still moving/.test(outcome) || FAIR.test(outcome)) continue;
      const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(detail)?.[0];
      found.push({ what: `${act}: ${outcome}`, detail: `${project}: ${detail}`, ...(id ? { id } : {}) });
    }
    return found;
  },
};
