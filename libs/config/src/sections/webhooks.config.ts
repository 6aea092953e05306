import { Flag, Names, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** Where and how events are delivered. Gateways check addresses when they are given, schedulers when they connect. */
export class WebhooksConfig extends Redactable {
  /** Whether schedulers deliver. Default true. */
  @Flag()
  enabled = true;

  /** Whether `http://` is allowed beside `https://`. Default false. */
  @Flag()
  allowHttp = false;

  /** Networks (CIDR) that may be delivered to beside public addresses, e.g. `[10.20.0.0/16]`. Default: none. */
  @Names(256)
  allowedNetworks: string[] = [];

  /** Webhooks that one project may have. Default 10. */
  @Whole(0, 1000)
  perProject = 10;

  /** Events in one delivery at most. Default 50. */
  @Whole(1, 500)
  batchSize = 50;

  /** Deliveries that one scheduler makes at once; at most half of them to receivers that failed before. Default 16. */
  @Whole(2, 1000)
  maxConcurrent = 16;

  /** Seconds that one delivery may take. Default 10. */
  @Whole(1, 120)
  timeoutSeconds = 10;

  /** Seconds between two tries of a receiver that fails, at most; they double from 1. Default 600. */
  @Whole(1, 86_400)
  maxDelaySeconds = 600;

  /** Hours of failure after which a webhook is disabled. Default 72. */
  @Whole(1, 8760)
  giveUpHours = 72;
}
