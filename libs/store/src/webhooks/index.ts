export * from './webhook-deliveries.js';
export {
  changeWebhook,
  insertWebhook,
  lockWebhook,
  removeWebhook,
  replayWebhook,
  sealedSecretOf,
  type LockedWebhook,
  type NewWebhook,
  type WebhookChanges,
} from './webhook-rows.js';
export * from './webhook-views.js';
