import { answersCheck } from './answers.check.js';
import { bytesCheck } from './bytes.check.js';
import type { Check } from './check.js';
import { eventsCheck } from './events.check.js';
import { livesCheck } from './lives.check.js';
import { modelCheck } from './model.check.js';
import { operationsCheck } from './operations.check.js';
import { rowsCheck } from './rows.check.js';
import { storageCheck } from './storage.check.js';
import { webhookCheck } from './webhook.check.js';

export type { Check, Finding, Scene } from './check.js';

/** Everything that is looked at when all has come to rest. The last one makes attachments of its own. */
export const CHECKS: readonly Check[] = [
  rowsCheck,
  operationsCheck,
  answersCheck,
  livesCheck,
  eventsCheck,
  webhookCheck,
  modelCheck,
  storageCheck,
  bytesCheck,
];
