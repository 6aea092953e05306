import { SERVICES_VARIABLE, serveTestServices } from '../services/services-socket.js';
import { TestServices, givenServers } from '../services/test-services.js';

/** Set by the setup, called by the teardown: jest runs both in one process. */
declare global {
  var stopScoriaTestServices: (() => Promise<void>) | undefined;
}

/** Offers the run's servers to its tests. Nothing is started before a test asks for it. */
export default async function globalSetup(): Promise<void> {
  if (process.env[SERVICES_VARIABLE]) return;
  const services = new TestServices(givenServers());
  const close = await serveTestServices(services);
  globalThis.stopScoriaTestServices = async () => {
    await close();
    await services.stop();
  };
}
