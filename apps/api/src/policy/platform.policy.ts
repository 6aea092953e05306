import type { PolicyTable } from './policy.js';

/** What concerns the service itself. */
export const PLATFORM_POLICY: PolicyTable = {
  'GET /': { rule: 'versions', who: 'public' },
  'GET /v3': { rule: 'versions', who: 'public' },
  'GET /healthcheck': { rule: 'healthcheck', who: 'public' },
  'GET /live': { rule: 'live', who: 'public' },
  'GET /ready': { rule: 'ready', who: 'public' },
  'GET /metrics': { rule: 'metrics', who: 'public' },
};
