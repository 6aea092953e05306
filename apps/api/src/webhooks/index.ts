import { WebhookRules } from './webhook-rules.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksController } from './webhooks.controller.js';

export const WEBHOOK_CONTROLLERS = [WebhooksController];

export const WEBHOOK_PROVIDERS = [WebhookRules, WebhookSecrets];
