import { hostname } from 'node:os';
import { Decimal, Names, Sections, Text, Whole } from '../fields.js';
import { Redactable } from '../redact.js';
import { SERVICE_REPORT_SECONDS } from '../service-report.js';

/** One weigher and how much it counts. */
export class WeigherConfig extends Redactable {
  /** Cinder's class name, e.g. `CapacityWeigher`. */
  @Text()
  name!: string;

  /** Factor of the weight normalised to 0..1; negative turns the order round. Default 1. */
  @Decimal(-1_000_000, 1_000_000)
  multiplier = 1;

  static of(name: string, multiplier: number): WeigherConfig {
    return Object.assign(new WeigherConfig(), { name, multiplier });
  }
}

/** Placement. */
export class SchedulerConfig extends Redactable {
  /** This scheduler's name under `/os-services`. Default: the hostname. */
  @Text()
  host = hostname();

  /** Names of the filters, all of which a pool must pass. Default: Cinder's three. */
  @Names(64)
  filters: string[] = ['AvailabilityZoneFilter', 'CapacityFilter', 'CapabilitiesFilter'];

  /** Weighers, whose weights are added. Default: CapacityWeigher, 1. */
  @Sections(() => WeigherConfig, 64)
  weighers: WeigherConfig[] = [WeigherConfig.of('CapacityWeigher', 1)];

  /** Provisioned over total capacity of a thin pool at most, where the backend says nothing. Default 20. */
  @Decimal(1, 1000)
  maxOverSubscriptionRatio = 20;

  /**
   * Seconds without a report after which a service counts as down. Each service reports every 5 seconds; at least 15, so
   * that one lost report takes nothing down. Default 30.
   */
  @Whole(3 * SERVICE_REPORT_SECONDS, 3600)
  serviceDownSeconds = 30;
}
