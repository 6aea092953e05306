import type { PolicyTable } from './policy.js';

export const TYPE_POLICY: PolicyTable = {};
