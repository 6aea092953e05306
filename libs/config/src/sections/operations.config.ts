import { Decimal, Section, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** How a failed step is tried again. */
export class RetryConfig extends Redactable {
  /** Milliseconds before the second run; doubles with each further one. Default 200. */
  @Whole(1, 600_000)
  baseDelayMs = 200;

  /** Milliseconds between two runs at most. Default 30,000. */
  @Whole(1, 3_600_000)
  maxDelayMs = 30_000;
}

/** The engine that runs operations. All times are measured by the database's clock. */
export class OperationsConfig extends Redactable {
  /** Seconds after which a silent worker's operations may be taken over. Default 15. */
  @Whole(1, 3600)
  leaseSeconds = 15;

  /** Seconds between two renewals of a process's leases. Default 3. */
  @Whole(1, 600)
  heartbeatSeconds = 3;

  /** Seconds between two searches for work whose doorbell was lost. Default 2. */
  @Whole(1, 600)
  sweepSeconds = 2;

  /** Operations that one process runs at once for each of its queues. Default 16. */
  @Whole(1, 1000)
  maxConcurrent = 16;

  /**
   * Part of these that one project may hold; each further one the same part of what is left, so that another project's
   * first finds a place. 1 lets one project take all. Default 0.75.
   */
  @Decimal(0.01, 1)
  projectShare = 0.75;

  /** Operations of one project that may be live at once; a request for more is answered 429. Default 20,000. */
  @Whole(1, 10_000_000)
  maxLivePerProject = 20_000;

  /** Days for which operations that have ended are kept, with their history. Default 90. */
  @Whole(1, 3650)
  retentionDays = 90;

  /** How failed steps are tried again. */
  @Section(() => RetryConfig)
  retry: RetryConfig = new RetryConfig();
}
