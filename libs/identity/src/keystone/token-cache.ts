import { createHash } from 'node:crypto';
import { Fault } from '@scoria/domain';
import { LRUCache } from 'lru-cache';
import type { TokenDocument } from './token-document.js';

export interface TokenCacheOptions {
  cacheSeconds: number;
  cacheSize: number;
  refusedSeconds: number;
  staleSeconds: number;
}

interface Checked {
  document: TokenDocument;
  /** Milliseconds of the monotonic clock. */
  freshUntil: number;
}

/** Both in milliseconds. How long ago something was asked is not told by a clock that may be put right. */
export interface Clocks {
  /** Since 1970: for when a token expires, and nothing else. */
  wall: () => number;
  monotonic: () => number;
}

const CLOCKS: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/** Checks that may wait for Keystone at the same time; more are told to come back. */
const MAX_IN_FLIGHT = 1000;

/**
 * Remembers what Keystone said of tokens: good ones for `cacheSeconds` but never beyond their expiry, bad ones for
 * `refusedSeconds`. Tokens asked for at the same time are asked once. Keys are hashes: no token is kept.
 */
export class TokenCache {
  private readonly checked: LRUCache<string, Checked>;
  private readonly refused: LRUCache<string, Fault>;
  private readonly inFlight = new Map<string, Promise<TokenDocument>>();

  constructor(
    private readonly options: TokenCacheOptions,
    private readonly clocks: Clocks = CLOCKS,
  ) {
    const perf = { now: clocks.monotonic };
    this.checked = new LRUCache({ max: options.cacheSize, perf, ttlResolution: 0 });
    this.refused = new LRUCache({ max: options.cacheSize, perf, ttlResolution: 0 });
  }

  /**
   * @param variant what else the answer depends on; part of the key
   * @param staleAllowed whether an answer from before will do when `ask` fails with `unavailable`
   * @throws Fault what `ask` throws, or `unavailable` when too many wait for it
   */
  async get(
    token: string,
    variant: string,
    staleAllowed: boolean,
    ask: () => Promise<TokenDocument>,
  ): Promise<TokenDocument> {
    const key = createHash('sha256').update(`${variant}\n${token}`).digest('base64');
    const known = this.find(key);
    if (known !== undefined && this.clocks.monotonic() < known.freshUntil) return known.document;
    const refusal = this.refused.get(key);
    if (refusal !== undefined) throw refusal;
    try {
      return await (this.inFlight.get(key) ?? this.start(key, ask));
    } catch (error) {
      const away = error instanceof Fault && error.kind === 'unavailable';
      if (known !== undefined && staleAllowed && away) return known.document;
      throw error;
    }
  }

  /** Undefined, too, when its token has expired, if only by a clock that was put right. */
  private find(key: string): Checked | undefined {
    const known = this.checked.get(key);
    return known && this.clocks.wall() < known.document.expiresAt.getTime() ? known : undefined;
  }

  private start(key: string, ask: () => Promise<TokenDocument>): Promise<TokenDocument> {
    if (this.inFlight.size >= MAX_IN_FLIGHT) {
      throw new Fault('unavailable', 'Too many tokens wait for the identity service.', { retryAfter: 1 });
    }
    const answer = this.askAndKeep(key, ask).finally(() => this.inFlight.delete(key));
    this.inFlight.set(key, answer);
    return answer;
  }

  private async askAndKeep(key: string, ask: () => Promise<TokenDocument>): Promise<TokenDocument> {
    try {
      const document = await ask();
      this.keep(key, document);
      return document;
    } catch (error) {
      if (error instanceof Fault && error.kind === 'unauthorized') {
        this.checked.delete(key);
        this.refused.set(key, error, { ttl: this.options.refusedSeconds * 1000 });
      }
      throw error;
    }
  }

  private keep(key: string, document: TokenDocument): void {
    const left = document.expiresAt.getTime() - this.clocks.wall();
    const fresh = Math.min(this.options.cacheSeconds * 1000, left);
    const ttl = Math.min(fresh + this.options.staleSeconds * 1000, left);
    // A ttl of 0 would mean for ever to lru-cache.
    if (ttl >= 1) {
      const freshUntil = this.clocks.monotonic() + fresh;
      this.checked.set(key, { document, freshUntil }, { ttl: Math.floor(ttl) });
    }
  }
}
