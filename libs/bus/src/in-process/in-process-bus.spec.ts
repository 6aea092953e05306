import { busContract } from '../test-support/bus.contract.js';
import { InProcessHarness } from '../test-support/in-process-harness.js';

describe('the in-process bus', () => {
  busContract(() => new InProcessHarness());
});
