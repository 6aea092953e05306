import type { Act } from './act.js';
import { ATTACHMENTS } from './attachments.js';
import { CHANGES } from './changes.js';
import { CREATES } from './creates.js';
import { ENDINGS } from './endings.js';

export type { Act, Ending } from './act.js';

/** Everything that tenants do. */
export const ACTS: readonly Act[] = [...CREATES, ...CHANGES, ...ATTACHMENTS, ...ENDINGS];
