import { type Counter, type Histogram, metrics } from '@opentelemetry/api';
import { ATTR, INSTRUMENTATION } from './attributes.js';

/** Bucket bounds in seconds: a call takes milliseconds, its deadline is seconds. */
const CALL_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The figures of one bus. Made with the bus, after the process has registered its meter provider. */
export class BusMetrics {
  private readonly sent: Counter;
  private readonly consumed: Counter;
  private readonly deadLettered: Counter;
  private readonly returned: Counter;
  private readonly late: Counter;
  private readonly callDuration: Histogram;

  constructor() {
    const meter = metrics.getMeter(INSTRUMENTATION);
    this.sent = meter.createCounter('scoria.bus.sent', { description: 'Messages that the bus accepted' });
    this.consumed = meter.createCounter('scoria.bus.consumed', {
      description: 'Messages handed to a handler',
    });
    this.deadLettered = meter.createCounter('scoria.bus.dead_lettered', {
      description: 'Messages given up, by reason',
    });
    this.returned = meter.createCounter('scoria.bus.returned', { description: 'Messages that had no queue' });
    this.late = meter.createCounter('scoria.bus.late', { description: 'Calls dropped after their deadline' });
    this.callDuration = meter.createHistogram('scoria.bus.call.duration', {
      description: 'Time from a call to its end',
      unit: 's',
      advice: { explicitBucketBoundaries: CALL_BUCKETS },
    });
  }

  countSent(contract: string): void {
    this.sent.add(1, { [ATTR.contract]: contract });
  }

  countConsumed(contract: string, outcome: string): void {
    this.consumed.add(1, { [ATTR.contract]: contract, [ATTR.outcome]: outcome });
  }

  countDeadLettered(queue: string, reason: string): void {
    this.deadLettered.add(1, { [ATTR.destination]: queue, [ATTR.reason]: reason });
  }

  countReturned(contract: string): void {
    this.returned.add(1, { [ATTR.contract]: contract });
  }

  countLate(contract: string): void {
    this.late.add(1, { [ATTR.contract]: contract });
  }

  recordCall(contract: string, seconds: number, errorType?: string): void {
    this.callDuration.record(seconds, {
      [ATTR.contract]: contract,
      ...(errorType === undefined ? {} : { [ATTR.errorType]: errorType }),
    });
  }
}
