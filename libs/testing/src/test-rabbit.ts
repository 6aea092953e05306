import { randomUUID } from 'node:crypto';
import { askTestServices } from './services/services-socket.js';

export interface TestRabbit extends AsyncDisposable {
  /** Connection URL, the virtual host included. */
  url: string;
  /** The virtual host: the test's own, except in a broker that was given from outside. */
  vhost: string;
  /** Unique. Begin the names of queues and exchanges with it where the virtual host may be shared. */
  prefix: string;
  /** Removes the virtual host with all that is in it, when it is the test's own. */
  release(): Promise<void>;
}

/**
 * A corner of RabbitMQ for one test or test file: a virtual host of its own in the broker that the test run starts, or
 * merely a prefix in the broker that SCORIA_TEST_AMQP_URL names.
 */
export async function testRabbit(): Promise<TestRabbit> {
  const { url, vhost } = await askTestServices('add-vhost');
  const release = async () => void (await askTestServices('delete-vhost', vhost));
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  return { url: url!, vhost: vhost!, prefix, release, [Symbol.asyncDispose]: release };
}
