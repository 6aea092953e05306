import { IsOptional } from 'class-validator';
import { Choice, Decimal, Flag, Section, Text, UrlOf, Whole } from '../fields.js';
import { Redactable } from '../redact.js';

/** How many requests each project may make, counted by each api process for itself. Needs both fields. */
export class RateLimitConfig extends Redactable {
  /** Requests of one project in a second, in the long run. Required. */
  @Decimal(0.01, 100_000)
  requestsPerSecond!: number;

  /** Requests that may come at once after a pause. Required. */
  @Whole(1, 1_000_000)
  burst!: number;
}

/** The gateway. */
export class ApiConfig extends Redactable {
  /** Address to listen on. Default 127.0.0.1. */
  @Text()
  host = '127.0.0.1';

  /** TCP port; 0 takes any free one. Default 8776. */
  @Whole(0, 65_535)
  port = 8776;

  /** The URL that clients use, without version; links are built from it. Default: from the request's `Host`. */
  @IsOptional()
  @UrlOf('http', 'https')
  publicEndpoint?: string;

  /** `keystone`, or `noauth` for a trusted machine. Default `keystone`. */
  @Choice(['noauth', 'keystone'])
  authStrategy: 'noauth' | 'keystone' = 'keystone';

  /** Lets `noauth` listen on other than loopback addresses. Default false. */
  @Flag()
  allowRemoteNoauth = false;

  /** Items on a page of a list at most (`osapi_max_limit`). Default 1,000. */
  @Whole(1, 100_000)
  maxLimit = 1000;

  /** Bytes of a request's body at most (`osapi_max_request_body_size`). Default 114,688. */
  @Whole(1024, 16_777_216)
  bodyLimitBytes = 114_688;

  /** Milliseconds after which a request is answered 503. Default 60,000. */
  @Whole(100, 600_000)
  requestTimeoutMs = 60_000;

  /**
   * Seconds for which a gateway that was told to stop still takes requests, while load balancers learn from `/ready`
   * that it is going: a little more than they take between two looks. Default 2.
   */
  @Whole(0, 600)
  drainSeconds = 2;

  /** Requests served at once; further ones are answered 503 at once rather than queued. Default 128. */
  @Whole(1, 100_000)
  maxInFlight = 128;

  /**
   * Part of these that one project may have in flight, and each further one of what is left; more is answered 429. 1 lets
   * one project take all. Default 0.5.
   */
  @Decimal(0.01, 1)
  projectShare = 0.5;

  /** Milliseconds by which the event loop may be late, on average, before requests are answered 503. Default 250. */
  @Whole(10, 60_000)
  maxEventLoopDelayMs = 250;

  /** Milliseconds that a statement may have waited for a connection before requests are answered 503. Default 1,000. */
  @Whole(10, 60_000)
  maxDatabaseWaitMs = 1000;

  /** TCP connections at once; further ones are closed. Default 10,000. */
  @Whole(1, 1_000_000)
  maxConnections = 10_000;

  /** A rate that no project may exceed; more is answered 429. Default: none. */
  @IsOptional()
  @Section(() => RateLimitConfig)
  rateLimit?: RateLimitConfig;

  /** Type of volumes that name none. Default `__DEFAULT__`. */
  @Text()
  defaultVolumeType = '__DEFAULT__';

  /** Availability zone of volumes that name none. Default `nova`. */
  @Text()
  storageAvailabilityZone = 'nova';

  /**
   * Whether under Keystone only services (a token with one of `keystone.serviceTokenRoles`) may detach what a server uses;
   * users then detach through Nova (CVE-2023-2088). Default true.
   */
  @Flag()
  guardServerAttachments = true;

  /** Whether an attached volume may be uploaded to an image with `force`. Default false. */
  @Flag()
  enableForceUpload = false;
}
