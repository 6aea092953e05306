import { busContract } from '../test-support/bus.contract.js';
import { brokerUrl } from '../test-support/broker.js';
import { RabbitHarness } from '../test-support/rabbit-harness.js';

describe('the RabbitMQ bus', () => {
  let url: string;
  beforeAll(async () => void (url = await brokerUrl()));
  busContract(() => new RabbitHarness(url));
});
