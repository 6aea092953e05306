import { SERVICES_VARIABLE, serveTestServices } from '../services/services-socket.js';
import { TestServices, givenServers } from '../services/test-services.js';

/** Set by the setup, called by the teardown: jest runs both in one process. */
declare global {
  var stopScoriaTestServices: (() => Promise<void>) | undefined;
}

/** Set to start the servers before the first test, side by side, and to name them in the usual variables. */
const START_VARIABLE = 'SCORIA_TEST_START_SERVERS';

/** Offers the run's servers to its tests. Unless told otherwise, nothing is started before a test asks for it. */
export default async function globalSetup(): Promise<void> {
  if (process.env[SERVICES_VARIABLE]) return;
  const services = new TestServices(givenServers());
  const close = await serveTestServices(services);
  globalThis.stopScoriaTestServices = async () => {
    await close();
    await services.stop();
  };
  if (!process.env[START_VARIABLE]) return;
  try {
    const [databaseUrl, amqpUrl] = await Promise.all([services.databaseUrl(), services.amqpUrl()]);
    process.env['SCORIA_TEST_DATABASE_URL'] = databaseUrl;
    process.env['SCORIA_TEST_AMQP_URL'] = amqpUrl;
  } catch (error) {
    // Jest does not tear down what it could not set up.
    await globalThis.stopScoriaTestServices();
    throw error;
  }
}
