import { type TestRabbit, testRabbit } from '@scoria/testing';
import { busContract } from '../test-support/bus.contract.js';
import { BROKER_START_MS } from '../test-support/harness.js';
import { RabbitHarness } from '../test-support/rabbit-harness.js';

describe('the RabbitMQ bus', () => {
  let rabbit: TestRabbit;
  beforeAll(async () => void (rabbit = await testRabbit()), BROKER_START_MS);
  afterAll(() => rabbit.release());
  busContract(() => new RabbitHarness(rabbit.url));
});
