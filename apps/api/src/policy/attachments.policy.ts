import type { PolicyTable } from './policy.js';

export const ATTACHMENT_POLICY: PolicyTable = {};
