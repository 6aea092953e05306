import { Logger } from '@nestjs/common';
import { callContract } from './calls.contract.js';
import { castContract } from './casts.contract.js';
import type { Harness } from './harness.js';
import { serviceContract } from './services.contract.js';
import { traceContract } from './traces.contract.js';

/** What a bus is. Every adapter passes it. */
export function busContract(open: () => Harness): void {
  beforeAll(() => Logger.overrideLogger(false));
  describe('casts', () => castContract(open));
  describe('calls', () => callContract(open));
  describe('services', () => serviceContract(open));
  describe('traces', () => traceContract(open));
}
