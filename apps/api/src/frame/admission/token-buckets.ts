export interface TokenBucketsOptions {
  /** Tokens that each bucket gains in a second. */
  requestsPerSecond: number;
  /** Tokens that a bucket holds at most, and at first. */
  burst: number;
}

interface Bucket {
  tokens: number;
  /** Milliseconds of the clock. */
  at: number;
}

/** Buckets of one generation. Two are kept; one that is forgotten with the older of them is full again. */
const GENERATION = 5000;

/** A bucket of tokens for each project: a request takes one, and time brings them back. */
export class TokenBuckets {
  private buckets = new Map<string, Bucket>();
  private older = new Map<string, Bucket>();

  constructor(
    private readonly options: TokenBucketsOptions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.buckets.size + this.older.size;
  }

  /** Takes a token and answers 0, or takes none and answers the seconds until there is one. */
  take(project: string): number {
    const at = this.now();
    const tokens = this.tokens(project, at);
    const wait = this.secondsUntilOne(tokens);
    this.buckets.set(project, { tokens: wait > 0 ? tokens : tokens - 1, at });
    if (this.buckets.size >= GENERATION) {
      this.older = this.buckets;
      this.buckets = new Map();
    }
    return wait;
  }

  /** What `take` would answer, without taking. */
  wait(project: string): number {
    return this.secondsUntilOne(this.tokens(project, this.now()));
  }

  private tokens(project: string, now: number): number {
    const { requestsPerSecond, burst } = this.options;
    const bucket = this.buckets.get(project) ?? this.older.get(project) ?? { tokens: burst, at: now };
    return Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * requestsPerSecond);
  }

  private secondsUntilOne(tokens: number): number {
    return tokens >= 1 ? 0 : (1 - tokens) / this.options.requestsPerSecond;
  }
}
